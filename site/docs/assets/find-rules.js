/* Answers what `python -m kb find` answers, from the same index: see kb/answers/fits.py and
   kb/answers/fit_rules.py. Every verdict, word, order and pattern stands in the index. Here it is
   looked up, dotted numbers are compared, and words are filled in. Nothing here touches the page. */

const ASKED = {
  os: "linux",
  arch: "x86_64",
  python: null,
  device: null,
  maker: null,
  gpu: null,
  compute_capability: null,
  driver: null,
  cuda: null,
  glibc: null,
  macos: null,
  gpu_kind: null,
  release: null,
  further_gpus: null,
  xla: null,
};

/* Return the index with its rows as objects. */
export function opened(index) {
  const named = (kind, row) =>
    Object.fromEntries(index.fields[kind].map((name, position) => [name, row[position]]));
  const spans = (rows) =>
    Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, named("spans", row)]));
  const recipe = (kind, row) => {
    const own = named(kind, row);
    return { ...own, machines: own.machines.map((machine) => named("machines", machine)) };
  };
  const cells = (row) => {
    const group = recipe("cells", row);
    return { ...group, pinned: group.pinned.map((pin) => recipe("pinned", pin)) };
  };
  const offers = (rows) =>
    rows.map((row) => {
      const offer = named("offers", row);
      return { ...offer, cells: offer.cells.map(cells) };
    });
  return {
    ...index,
    platforms: spans(index.platforms),
    devices: spans(index.devices),
    pythons: spans(index.pythons),
    codes: index.codes.map((row) => {
      const code = named("codes", row);
      return { ...code, counts: code.counts.map((counts) => named("counts", counts)) };
    }),
    toolkits: index.toolkits.map((row) => named("toolkits", row)),
    rocms: index.rocms.map((row) => named("rocms", row)),
    published: index.published.map((row) => named("published", row)),
    problems: index.problems.map((row) => named("problems", row)),
    offers: offers(index.offers),
    candidates: offers(index.candidates),
  };
}

/* Compare dotted numbers. */
export function compared(version, other) {
  const [left, right] = [version, other].map((text) => text.split(".").map(Number));
  for (let position = 0; position < Math.max(left.length, right.length); position += 1) {
    const difference = (left[position] || 0) - (right[position] || 0);
    if (difference) return difference;
  }
  return 0;
}

export const older = (version, other) => compared(version, other) < 0;

export const fill = (template, words) =>
  template.replace(/\{([a-z]+)\}/g, (whole, name) => (name in words ? words[name] : whole));

const platformOf = (index, asked) => index.platform_of[asked.os][asked.arch];

/* Return a question with what goes without saying, as kb.answers.comparison does. */
function settled(question) {
  const asked = { ...ASKED, ...question };
  const ofGpus = [asked.gpu, asked.compute_capability, asked.driver, asked.cuda, asked.maker];
  const isMacs = asked.os === "macos" && asked.gpu === null && asked.compute_capability === null;
  return {
    ...asked,
    device: asked.device || (ofGpus.some((word) => word) ? "gpu" : "cpu"),
    maker: asked.maker || (isMacs ? "apple" : "nvidia"),
  };
}

const begun = (index, text) => [...text].slice(0, index.gpu_cut).join("").toLowerCase();

/* Return the key of a GPU's name, as kb.facts.gpu_names.normalised does. */
export function normalised(index, text) {
  const patterns = index.gpu_deleted.map((pattern) => new RegExp(pattern, "g"));
  let key = begun(index, text);
  for (;;) {
    const words = patterns.reduce((left, pattern) => left.replace(pattern, " "), key);
    const shorter = words.replaceAll(" ", "");
    if (shorter === key) return key;
    key = shorter;
  }
}

/* Return the compute capability that a text is, or null: 8.6 of sm_86. */
function capabilityIn(index, text) {
  for (const form of index.capability_forms) {
    const found = begun(index, text).match(new RegExp(form));
    if (found) return `${found[1]}.${found[2]}`;
  }
  return null;
}

/* Return the keys that a text can have among other makers' GPUs, as kb.facts.other_gpu_names does:
   its own, and that of what stands in its last brackets. */
function keysOf(index, text) {
  const plain = begun(index, text);
  const board = plain.match(new RegExp(index.gpu_board));
  return [plain, board ? board[1] : ""].map((part) => otherKey(index, part)).filter((key) => key);
}

function otherKey(index, text) {
  const patterns = index.other_gpu_deleted.map((pattern) => new RegExp(pattern, "g"));
  return normalised(index, patterns.reduce((left, pattern) => left.replace(pattern, " "), text));
}

/* Return what the keys of a text mean among the GPUs of other makers than NVIDIA. */
const others = (index, text) =>
  keysOf(index, text).flatMap((key) =>
    Object.entries(index.other_gpus).flatMap(([maker, kinds]) =>
      Object.keys(kinds)
        .filter((kind) => kinds[kind].includes(key))
        .map((kind) => ({ maker, capabilities: [], kind })),
    ),
  );

/* Return the maker that a word in the text tells, or null; a weak one may be part of a model. */
function makerTold(index, text, isWeak) {
  const words = wordsOf(index, text);
  if (!isWeak) index.weak_maker_words.forEach((word) => words.delete(word));
  const told = ["nvidia", "amd", "intel", "apple"].find((name) =>
    (index.maker_words[name] || []).some((word) => words.has(word)),
  );
  return told || null;
}

/* Return what a text means, as kb.index.gpus.meaning does: who made the GPU, its compute
   capabilities (none where it has none, several where the name alone does not tell) and its kind.
   `maker` is null where nobody is known to have made it. */
export function meaning(index, text, os = null) {
  const capability = capabilityIn(index, text);
  if (index.capabilities.includes(capability)) {
    return { maker: "nvidia", capabilities: [capability], kind: null };
  }
  const target = begun(index, text).match(new RegExp(index.gpu_target));
  if (target) return { maker: "amd", capabilities: [], kind: target[1] };
  const told = makerTold(index, text, false);
  const known = told === "nvidia" ? [] : others(index, text);
  if (told !== null && told !== "nvidia") {
    const own = known.find((other) => other.maker === told);
    return own || { maker: told, capabilities: [], kind: null };
  }
  const key = normalised(index, text);
  const capabilities = Object.keys(index.gpus).filter((name) => index.gpus[name].includes(key));
  const isApples = known.length && os === "macos" && known[0].maker === "apple";
  if (known.length && (!capabilities.length || isApples)) return known[0];
  if (capabilities.length || told) {
    return { maker: capabilities.length ? "nvidia" : null, capabilities, kind: null };
  }
  return { maker: makerTold(index, text, true), capabilities: [], kind: null };
}

/* Return a question with the maker, and the compute capability or kind, of the GPU that it names,
   as kb.answers.gpu_asked does. Where that cannot be told, return what is the matter: `unknown`, or
   `choices` of compute capabilities. */
export function understood(index, question) {
  const { gpu = null, maker = null, compute_capability: capability = null, os = null } = question;
  if (capability !== null) {
    if (!index.capabilities.includes(capability)) return { unknown: capability };
    return { question: { ...question, maker: maker || "nvidia" } };
  }
  if (gpu === null) return { question };
  const meant = meaning(index, gpu, os || ASKED.os);
  if (maker !== null && maker !== "nvidia") {
    const kind = question.gpu_kind || (meant.maker === maker ? meant.kind : null);
    return { question: { ...question, gpu_kind: kind } };
  }
  if (meant.maker === null) return { unknown: gpu };
  if (meant.capabilities.length > 1) return { choices: meant.capabilities };
  const [only = null] = meant.capabilities;
  const found = { maker: meant.maker, compute_capability: only, gpu_kind: meant.kind };
  return { question: { ...question, ...found } };
}

/* Return what is to be asked back where a number is no driver, as kb.base.vocabulary.read_driver
   does: the CUDA version that nvidia-smi prints, or the number that Windows gives a driver. */
export function notDriver(index, version) {
  const words = { version };
  if (version.split(".").length > 3) return fill(index.words["driver-of-windows"], words);
  return older(version, index.least_driver) ? fill(index.words["driver-is-cuda"], words) : null;
}

/* Tell whether a GPU of this name and compute capability sits beside an Arm processor. */
export const isOnArm = (index, text, capability) => {
  if (index.arm_capabilities.includes(capability)) return true;
  const words = wordsOf(index, text);
  return index.arm_words.some((word) => words.has(word));
};

const wordsOf = (index, text) => new Set(begun(index, text).split(new RegExp(index.word_break)));

/* What speaks for and against an offer, in the order of kb.answers.fit_rules. */
class Comparison {
  constructor(index, asked, offer, problems, isBeside = false) {
    Object.assign(this, { index, asked, offer, problems, isBeside, found: [] });
    this.code = offer.code === null ? null : index.codes[offer.code];
    this.toolkit = offer.toolkit === null ? null : index.toolkits[offer.toolkit];
    this.rocm = offer.rocm === null ? null : index.rocms[offer.rocm];
  }

  say(kind, rule, name, words = {}, more = {}) {
    const text = fill(this.index.words[name], words);
    this.found.push({ kind, rule, name, text, instead: [], sources: [], ...more });
  }

  reason(rule, name, words, more) {
    this.say("reason", rule, name, words, more);
  }

  caveat(name, words) {
    this.say("caveat", null, name, words);
  }

  because(name, words) {
    this.say("because", null, name, words);
  }

  verdict(letters) {
    const capability = this.asked.compute_capability;
    return capability ? letters[this.index.capabilities.indexOf(capability)] : "?";
  }

  /* What was counted in the objects of the wheel for the capability asked for. */
  counts() {
    const { compute_capability: capability } = this.asked;
    if (this.code === null || capability === null || !this.code.counted) return null;
    const letter = this.code.counted[this.index.capabilities.indexOf(capability)];
    return this.code.counts[parseInt(letter, 36)];
  }
}

function python(comparison) {
  const { asked, offer, index } = comparison;
  if (asked.python === null) return;
  const isListed = offer.listed !== null && offer.listed.includes(asked.python);
  if (offer.cells.some((group) => group.pythons.includes(asked.python))) {
    comparison.because("python-has", { python: asked.python });
    if (offer.listed !== null && !isListed) {
      comparison.caveat("python-unlisted", { python: asked.python });
    }
    return;
  }
  let aside = "";
  if (offer.least_python !== null && !older(asked.python, offer.least_python)) {
    aside += index.words["python-admitted"];
  }
  if (isListed) aside += index.words["python-listed"];
  const [name, words] = pythonWords(comparison);
  comparison.reason("python", name, { python: asked.python, aside, ...words });
}

function pythonWords({ asked, offer, index }) {
  let [name, words] = ["python", {}];
  if (offer.plugin !== null) {
    const [plugin] = offer.plugin.split(" ");
    [name, words] = ["python-plugin", { device: index.device_names[offer.device], plugin }];
  }
  const span = index.pythons[`${offer.platform}/${offer.device}/${asked.python}`];
  if (!span) {
    return offer.plugin === null
      ? pythonOfNone(index, offer, asked.python)
      : [`${name}-none`, words];
  }
  const own = index.series[offer.release];
  if (older(own, span.first)) return [`${name}-first`, { ...words, series: span.first }];
  if (older(span.last, own)) return [`${name}-last`, { ...words, series: span.last }];
  return [`${name}-between`, { ...words, first: span.first, last: span.last }];
}

/* What has a wheel for a Python that no release serves: a candidate, or a nightly. */
function pythonOfNone(index, offer, python) {
  const { platform, device } = offer;
  if (device !== "cpu" && index.pythons[`${platform}/cpu/${python}`]) {
    return ["python-none-device", { device: index.device_names[device] }];
  }
  if (index.own_devices.includes(offer.device)) {
    const release = (index.candidate_pythons[offer.platform] || {})[python];
    if (release) return ["python-candidate", { release }];
    if ((index.nightly[offer.platform] || []).includes(python)) return ["python-nightly", {}];
  }
  return ["python-none", {}];
}

/* A candidate stands in for releases that do not fit only where it is known to fit itself. */
function candidate(comparison) {
  const { asked, code, index, offer, toolkit } = comparison;
  if (index.kinds[offer.release] !== "candidate") return;
  comparison.caveat("candidate");
  for (const [nightly, over] of offer.nightlies) {
    comparison.caveat("nightly-beside", { nightly, over });
  }
  const capability = asked.compute_capability;
  if (code !== null && capability && comparison.verdict(code.verdicts) === "?") {
    comparison.reason("compute-capability", "candidate-code", { capability });
  }
  if (code !== null && capability && comparison.verdict(code.verdicts) === "p") {
    comparison.reason("compute-capability", "candidate-ptx", { capability });
  }
  if (toolkit !== null && asked.driver !== null && toolkit.cuda === null) {
    comparison.reason("driver", "candidate-driver", { driver: asked.driver });
  }
  const before = index.kinds.lastIndexOf("release", offer.release);
  for (const known of comparison.problems) {
    const isOf = (release) => hits(known, offer.device, release);
    if (before >= 0 && isOf(before) && !isOf(offer.release)) {
      const { title, instead, sources } = known;
      const words = { before: index.releases[before], title };
      comparison.reason("problem", "candidate-problem", words, { instead, sources });
    }
  }
}

function plugin(comparison) {
  const { offer, index } = comparison;
  if (offer.plugin !== null) {
    const device = index.device_names[offer.device];
    comparison.because("plugin", { device, plugin: offer.plugin });
    if (["table", "report"].includes(offer.told_by)) comparison.because(`plugin-${offer.told_by}`);
  }
}

function computeCapability(comparison) {
  const { code, toolkit } = comparison;
  const { words } = comparison.index;
  const capability = comparison.asked.compute_capability;
  if (code === null) return;
  const { asked, index, offer } = comparison;
  if (asked.arch !== "arm64" && isOnArm(index, asked.gpu || "", capability)) {
    const platform = index.platform_names[offer.platform];
    comparison.reason("platform", "platform-arm", { platform });
    return;
  }
  const native = code.native.join(", ");
  const ptx = code.ptx.join(", ") || words["ptx-none"];
  if (capability === null) {
    if (code.native.length) comparison.caveat("code-any", { native, ptx });
    return;
  }
  const verdict = comparison.verdict(code.verdicts);
  const counts = comparison.counts();
  if (verdict === "x") {
    const known = { native: native || words["ptx-none"], ptx };
    comparison.reason("compute-capability", "code-none", { capability, ...known });
  } else if (counts !== null) {
    counted(comparison, counts, capability);
  } else if (verdict === "m") {
    comparison.caveat("code-mixed-declared", { capability });
  } else if (verdict === "p") {
    const cuda = toolkit && toolkit.cuda ? toolkit.cuda : words["cuda-unknown"];
    comparison.caveat("code-ptx", { capability, ptx: code.ptx.at(-1), cuda });
  } else if (verdict === "n") {
    comparison.because("code-native", { capability });
  } else {
    comparison.caveat("code-unknown", { capability });
  }
}

function documentedCapability(comparison) {
  const { code, toolkit, asked } = comparison;
  const capability = asked.compute_capability;
  if (code === null || toolkit === null || capability === null) return;
  const { documented: least } = toolkit;
  if (least === null || comparison.verdict(code.verdicts) !== "?") return;
  if (older(capability, least)) {
    comparison.reason("compute-capability", "code-documented", { least });
  }
}

/* How many objects of a wheel serve a GPU by machine code, by PTX, and not at all. */
function counted(comparison, counts, capability) {
  const { native, without } = counts;
  const { objects } = comparison.code;
  const words = { capability, objects };
  if (native === objects) {
    comparison.because("code-native-all", words);
    return;
  }
  if (native) comparison.because("code-native-part", { ...words, native });
  const left = leavesLonePtx(comparison.asked, counts) ? counts.lone : 0;
  const compiled = counts.compiled - left;
  if (compiled) {
    const percent = Math.max(1, Math.floor((compiled * 100) / objects));
    comparison.caveat(native ? "code-mixed" : "code-compiled", { ...words, percent, compiled });
  }
  if (without) comparison.caveat("code-part-without", { ...words, without });
}

function libraries(comparison) {
  const { toolkit, index } = comparison;
  const capability = comparison.asked.compute_capability;
  if (toolkit === null || capability === null || toolkit.cuda === null) return;
  const verdict = comparison.verdict(toolkit.verdicts);
  const servedBy = index.served_by[capability];
  if (verdict === "x") {
    const first = index.knows[servedBy || capability];
    const words = { cuda: toolkit.cuda, capability, first, older: servedBy };
    comparison.reason("toolkit", servedBy ? "toolkit-by-older" : "toolkit", words);
  } else if (verdict === "d" && !hasNoCode(comparison)) {
    const last = index.last[capability];
    comparison.reason("toolkit", "toolkit-dropped", { cuda: toolkit.cuda, capability, last });
  } else if (verdict === "s") {
    comparison.caveat("toolkit-served", { cuda: toolkit.cuda, capability, older: servedBy });
  }
}

function driver(comparison) {
  const { toolkit, asked, index } = comparison;
  if (toolkit === null) return;
  const { cuda: own } = toolkit;
  const capability = asked.compute_capability;
  const minimum = minimumDriver(asked, toolkit);
  const last = index.maximum_drivers[capability];
  if (last) {
    const [branch, before, source] = last;
    const words = { branch, before, capability, driver: asked.driver, cuda: own, least: minimum };
    if (asked.driver !== null && !older(asked.driver, before)) {
      const instead = [fill(index.words["driver-newest-instead"], words)];
      comparison.reason("driver", "driver-newest", words, { instead, sources: [source] });
      return;
    }
    if (minimum !== null && !older(minimum, before) && !hasNoCode(comparison)) {
      comparison.reason("driver", "driver-none", words);
      return;
    }
    const first = asked.os === "wsl2" ? index.wsl2_branch : null;
    if (first !== null && !older(first, before) && !hasNoCode(comparison)) {
      comparison.reason("driver", "driver-none-wsl2", { ...words, first });
      return;
    }
    if (asked.driver === null) comparison.caveat("driver-newest-any", words);
  }
  if (isTooOldForGpu(comparison, minimum)) return;
  const counts = comparison.counts();
  const more = asksMore(asked, counts, minimum);
  if (more) compiles(comparison, counts);
  if (own !== null && (minimum === null || !more)) oldEnough(comparison, minimum);
  if (counts !== null && leavesLonePtx(asked, counts)) lonePtx(comparison, counts);
}

/* Ask for a driver that is not older than the first CUDA that knows the GPU, where no more is asked
   for anyway. Tell whether that is all there is to say of the driver. */
function isTooOldForGpu(comparison, minimum) {
  const { asked, index } = comparison;
  const { compute_capability: capability, driver: own } = asked;
  const branch = index.first_branches[capability];
  if (!branch || (minimum !== null && !older(minimum, branch))) return false;
  const words = { branch, capability, driver: own, first: index.knows[capability] };
  if (own === null) {
    const counts = comparison.counts();
    const { branch: compiling = null } = counts || {};
    if (compiling !== null && !older(compiling, branch)) return false;
    comparison.caveat("driver-first-any", words);
    return minimum !== null;
  }
  if (!older(own, branch)) return false;
  comparison.reason("driver", "driver-first", words);
  return true;
}

/* Tell whether the driver that compiles a wheel's PTX is newer than the minimum for its CUDA, and
   not asked for in vain, the driver at hand being older than both. */
function asksMore(asked, counts, minimum) {
  if (counts === null || counts.branch === null) return false;
  if (minimum === null) return true;
  return older(minimum, counts.branch) && (asked.driver === null || !older(asked.driver, minimum));
}

/* Tell whether the driver at hand does not compile objects of PTX alone. */
const leavesLonePtx = (asked, counts) =>
  asked.driver !== null && counts.lone_branch !== null && older(asked.driver, counts.lone_branch);

/* The objects of PTX alone that a driver does not compile. */
function lonePtx(comparison, counts) {
  const { lone, lone_branch: branch } = counts;
  const words = { lone, branch, driver: comparison.asked.driver, objects: comparison.code.objects };
  comparison.caveat("driver-ptx-lone", words);
}

function compiles(comparison, counts) {
  const { driver: own, compute_capability: capability } = comparison.asked;
  const { branch, newest } = counts;
  const words = { capability, branch, newest, driver: own, objects: comparison.code.objects };
  if (own === null) {
    const isOnWindows = comparison.index.windows_driver.includes(comparison.asked.os);
    comparison.caveat(isOnWindows ? "driver-ptx-any-windows" : "driver-ptx-any", words);
  } else if (older(own, branch)) {
    comparison.reason("driver", "driver-ptx", words, forwardCompatibility(comparison));
  } else comparison.because("driver-ptx-fits", words);
}

/* Tell whether the wheel is known to have no code for the GPU, which says enough. */
const hasNoCode = (comparison) =>
  comparison.code !== null && comparison.verdict(comparison.code.verdicts) === "x";

function minimumDriver(asked, toolkit) {
  if (asked.os === "wsl2") return toolkit.wsl2;
  return asked.os === "windows" ? toolkit.windows : toolkit.linux;
}

function oldEnough(comparison, minimum) {
  const { toolkit, asked, index } = comparison;
  const { cuda: own } = toolkit;
  const isOnWindows = index.windows_driver.includes(asked.os);
  const words = { driver: asked.driver, least: minimum, cuda: own };
  if (minimum === null) {
    const { wsl2_branch: branch } = index;
    if (asked.os === "wsl2" && branch !== null) {
      const isOlder = asked.driver !== null && older(asked.driver, branch);
      comparison.caveat(isOlder ? "driver-wsl2-older" : "driver-wsl2-unknown", { ...words, branch });
    }
  } else if (asked.driver === null) {
    comparison.caveat(isOnWindows ? "driver-any-windows" : "driver-any", words);
  } else if (!older(asked.driver, minimum)) {
    comparison.because("driver-fits", words);
  } else {
    const patches = toolkit.patches.map(([patch, linux, windows]) => [
      patch,
      isOnWindows ? windows : linux,
    ]);
    const fitting = patches.find(([, least]) => !older(asked.driver, least));
    if (fitting) {
      const [[patch], [earlier]] = [patches[0], fitting];
      comparison.caveat("driver-patch", { ...words, patch, earlier });
      return;
    }
    if (patches.length) [, words.least] = patches.at(-1);
    if (asked.driver === words.least.split(".")[0]) {
      comparison.reason("driver", "driver-branch", words);
      return;
    }
    const name = isOnWindows ? "driver-windows" : "driver";
    comparison.reason("driver", name, words, forwardCompatibility(comparison));
  }
}

/* What NVIDIA's cuda-compat can do, as kb.answers.drivers.forward_compatibility tells. */
function forwardCompatibility(comparison) {
  const { toolkit, asked, index } = comparison;
  if (asked.driver === null || asked.os !== "linux" || toolkit.cuda === null) return {};
  const capability = asked.compute_capability;
  let name = "driver-compat-any";
  if (asked.gpu !== null) {
    const key = normalised(index, asked.gpu);
    if (index.data_centre.includes(key)) name = "driver-compat";
    else if ((index.gpus[capability] || []).includes(key)) return {};
  }
  const first = index.first_branches[capability];
  if (first && older(asked.driver, first)) return {};
  const last = index.maximum_drivers[capability];
  const { branch: compiling = null } = comparison.counts() || {};
  const [base] = asked.driver.split(".");
  for (const [newest, ofBranch, onBranches, source] of index.compat) {
    const compiles = compiling === null || !older(ofBranch, compiling);
    const serves = compiles && (!last || older(ofBranch, last[1]));
    if (serves && onBranches.includes(base) && runs(newest, toolkit.cuda)) {
      const words = { package: newest.replaceAll(".", "-"), newest, branch: base };
      return { instead: [fill(index.words[name], words)], sources: [source] };
    }
  }
  return {};
}

/* Tell whether a driver for one CUDA is not older than another, and of its major release. */
function runs(newest, cuda) {
  const [major, minor] = cuda.split(".");
  const short = minor === undefined ? major : `${major}.${minor}`;
  return newest.split(".")[0] === major && !older(newest, short);
}

function cuda(comparison) {
  const { toolkit } = comparison;
  const installed = comparison.asked.cuda;
  if (toolkit === null) return;
  if (toolkit.brings) {
    if (installed !== null) comparison.caveat("cuda-idle", { installed });
    return;
  }
  const name = toolkit.cudnn ? "toolkit-and-cudnn" : "toolkit-alone";
  const own = { cuda: toolkit.cuda || "", cudnn: toolkit.cudnn || "" };
  const wanted = fill(comparison.index.words[name], own);
  if (installed !== null && toolkit.least !== null && toolkit.below !== null) {
    if (older(installed, toolkit.least) || !older(installed, toolkit.below)) {
      if (comparison.isBeside) comparison.caveat("cuda-beside", { toolkit: wanted, installed });
      else comparison.reason("cuda", "cuda", { cuda: own.cuda, installed });
    } else if (installed !== own.cuda && !installed.startsWith(`${own.cuda}.`)) {
      comparison.caveat("cuda-serves", { cuda: own.cuda, installed });
    }
  } else if (toolkit.cuda !== null) {
    comparison.caveat("cuda-by-hand", { toolkit: wanted });
  }
}

function problem(comparison) {
  for (const known of comparison.problems) {
    if (hits(known, comparison.offer.device, comparison.offer.release)) {
      const { instead, sources } = known;
      comparison.reason("problem", "problem", { title: known.title }, { instead, sources });
    }
  }
}

const hits = (known, device, release) =>
  known.first <= release &&
  release <= known.last &&
  (!known.devices.length || known.devices.includes(device));

/* The problems that may hit what is asked for, with the ways out that are for such a machine. */
const problemsOf = (index, asked) =>
  mayHit(index, asked).map((fault) => ({ ...fault, instead: waysOut(fault, asked) }));

const waysOut = ({ instead, helps }, { compute_capability: capability, python: own }) =>
  instead.filter((text, position) => {
    const [capabilities, pythons] = helps[position];
    return (
      (!capabilities.length || capability === null || capabilities.includes(capability)) &&
      (!pythons.length || own === null || pythons.includes(own))
    );
  });

const mayHit = (index, asked) =>
  index.problems.filter(
    (fault) =>
      (!fault.platforms.length || fault.platforms.includes(platformOf(index, asked))) &&
      (!fault.pythons.length || fault.pythons.includes(asked.python)) &&
      (!fault.capabilities.length || fault.capabilities.includes(asked.compute_capability)) &&
      (!fault.kinds.length || fault.kinds.includes(asked.gpu_kind)) &&
      !(fault.only_with === "xla" && asked.xla === "off"),
  );

/* How XLA is left off, where an offer fits for that alone. */
function withoutXla({ index, asked, offer }, comparison) {
  if (asked.xla !== "off") return;
  for (const known of mayHit(index, { ...asked, xla: null })) {
    if (known.only_with === "xla" && hits(known, offer.device, offer.release)) {
      comparison.caveat("xla-off", { title: known.title });
    }
  }
}

function wsl2(comparison) {
  const minimum = comparison.index.wsl2_least;
  const capability = comparison.asked.compute_capability;
  const isOnWsl2 = comparison.asked.os === "wsl2" && comparison.offer.device === "cuda";
  if (isOnWsl2 && minimum && capability && older(capability, minimum)) {
    comparison.caveat("wsl2-old", { least: minimum });
  }
}

/* The rules of kb.answers.maker_rules. */

function rocm({ rocm: facts, asked, index }, comparison) {
  const first = index.rocm_on_wsl2;
  if (facts.rocm === null) comparison.caveat("rocm-unknown");
  else if (asked.os === "wsl2" && first !== null && older(facts.rocm, first)) {
    comparison.reason("toolkit", "rocm-wsl2", { rocm: facts.rocm, first });
  } else comparison.caveat("rocm-by-hand", { rocm: facts.rocm });
}

function rocmCode({ rocm: facts, asked }, comparison) {
  const { gpu_kind: kind } = asked;
  if (!facts.targets.length) return comparison.caveat("rocm-code-unread");
  const targets = facts.targets.join(", ");
  if (kind === null) {
    comparison.caveat(asked.gpu === null ? "rocm-code-any" : "rocm-code-unnamed", { targets });
  } else if (facts.targets.includes(kind)) comparison.because("rocm-code", { kind });
  else comparison.reason("compute-capability", "rocm-no-code", { kind, targets });
}

function rocmHardware({ rocm: facts, asked }, comparison) {
  const { gpu_kind: kind } = asked;
  if (facts.rocm === null || kind === null) return;
  const words = { rocm: facts.rocm, kind };
  if (facts.supported === null) comparison.caveat("rocm-no-list", words);
  else if (facts.unsupported.includes(kind)) comparison.reason("toolkit", "rocm-unsupported", words);
  else if (facts.deprecated.includes(kind)) comparison.caveat("rocm-deprecated", words);
  else if (facts.supported.includes(kind)) comparison.because("rocm-supported", words);
  else comparison.caveat("rocm-unlisted", words);
}

function ofRocm(comparison) {
  if (comparison.rocm === null) return;
  for (const rule of [rocm, rocmCode, rocmHardware]) rule(comparison, comparison);
}

function triedKinds(comparison) {
  const { index, asked, offer } = comparison;
  const byStanding = index.supported_kinds[offer.device];
  const { gpu_kind: kind } = asked;
  if (!byStanding) return;
  if (kind === null) {
    comparison.caveat("kind-unnamed", { named: Object.values(byStanding).flat().join(", ") });
  } else if ((byStanding.verified || []).includes(kind)) comparison.because("kind-verified", { kind });
  else if ((byStanding.experimental || []).includes(kind)) {
    comparison.caveat("kind-experimental", { kind });
  } else {
    const named = Object.values(byStanding).flat().join(", ");
    comparison.caveat("kind-unjudged", { kind, named });
  }
}

function directml(comparison) {
  if (comparison.offer.device === "directml") comparison.caveat("directml-unjudged");
}

function demand(comparison, rule, minimum) {
  const installed = comparison.asked[rule];
  if (minimum === null) return;
  if (installed === null) comparison.caveat(`${rule}-any`, { least: minimum });
  else if (older(installed, minimum)) comparison.reason(rule, rule, { least: minimum, installed });
}

function standing(comparison, group) {
  const { standing: verdict, as_of: day, trust, ...own } = standsFor(comparison.asked, group);
  const words = { day: day || "", why: withoutStop(own.why), trust };
  if (verdict === "broken") {
    const rule = trust === null ? "resolution" : "broken";
    comparison.reason(rule, rule, words);
  } else if (verdict === "disputed") {
    comparison.caveat("disputed", words);
  }
}

const withoutStop = (text) => (text || "").replace(/\.+$/, "");

function pins(comparison, group) {
  for (const pinned of group.pinned) {
    if (comparison.asked.compute_capability === null) comparison.caveat("pin-any", pinned);
    else if (applies(comparison.asked, pinned)) comparison.caveat("pin", pinned);
  }
}

const applies = (asked, pinned) =>
  asked.compute_capability !== null && older(asked.compute_capability, pinned.below);

/* What has the recipe for the GPU that is asked for: a pin may change it. */
const recipeFor = (asked, group) => group.pinned.filter((pin) => applies(asked, pin)).at(-1) || group;

/* Where the recipe for the machine that is asked about stands there: by runs on such a GPU, else on
   such a system, else by the best, as kb.cells.sureness has it. */
function standsFor(asked, group) {
  const own = recipeFor(asked, group);
  if (!own.machines.length) return { ...own, wsl2: false, compute_capability: null, gpu: null };
  const capability = asked.compute_capability;
  const near = (machine) =>
    (capability !== null && machine.compute_capability === capability ? 2 : 0) +
    (machine.wsl2 === (asked.os === "wsl2") ? 1 : 0);
  return first(own.machines, (machine, other) => near(other) - near(machine));
}

/* Tell whether a run proves it for what is asked, as kb.answers.fits does. */
function isProven(index, asked, { stands }) {
  if (stands.standing !== "ok" || stands.wsl2 !== (asked.os === "wsl2")) return false;
  const { compute_capability: capability } = asked;
  if (asked.device === "cpu") {
    return index.rungs.indexOf(stands.rung) >= index.rungs.indexOf(index.least_proven);
  }
  if (stands.rung !== "runs-gpu") return false;
  if (capability === null) return !asked.gpu && !asked.gpu_kind;
  return capability === stands.compute_capability;
}

/* Say how sure we are, as kb.cells.sureness does. */
function sureness(index, asked, { offer, group, stands }, how = "how-below") {
  const { words } = index;
  if (stands.trust !== null) return byRun(index, asked, offer, stands, how);
  const when = stands.as_of;
  if (stands.standing === "broken") {
    const filled = { when: when || "", why: withoutStop(stands.why || words["why-unresolved"]) };
    const [done, sentence] = ["done", "sure"].map((of) => fill(words[`${of}-unresolved`], filled));
    return { done, where: null, when, by: words["by-resolver"], sentence };
  }
  if (stands.rung === null) {
    return { done: null, where: null, when: null, by: null, sentence: words["sure-nothing"] };
  }
  const { pin = null } = recipeFor(asked, group);
  const unrun = pin === null ? words.unrun : fill(words["unrun-with"], { pin });
  const isResolved = stands.rung === "resolves";
  const by = isResolved || !offer.told_by ? stands.rung : `${stands.rung}-${offer.told_by}`;
  const name = by === "shipped" && offer.device === "cpu" ? "shipped-cpu" : by;
  const filled = { unrun, when, device: index.device_names[offer.device] };
  return {
    done: isResolved ? words["done-resolves"] : null,
    where: null,
    when,
    by: words[isResolved ? "by-resolver" : `by-${by}`],
    sentence: fill(words[`sure-${name}`], filled),
  };
}

function vouched(words, stands) {
  const { trust, runners, rung, standing } = stands;
  if (standing === "disputed") return trust;
  if (runners > 1) return fill(words["by-several"], { trust, runners });
  const isAlone = rung === "runs-gpu" && standing === "ok" && trust !== "attested";
  return isAlone ? fill(words["by-one"], { trust }) : trust;
}

function byRun(index, asked, offer, stands, how) {
  const { words } = index;
  const isDisputed = stands.standing === "disputed";
  const ofGpu = stands.rung === "runs" && offer.device !== "cpu" ? "runs-of-gpu" : stands.rung;
  const name = stands.standing === "broken" ? "broken" : ofGpu;
  const by = vouched(words, stands);
  const why = withoutStop(stands.why);
  const done = fill(words[`done-${name}`], { why });
  const where = whereRun(index, offer, stands);
  const when = stands.as_of;
  const but = butRun(index, asked, stands);
  const filled = { how: words[how], where, when: when || "", by, but, why, done };
  const sentence = fill(words[`sure-${isDisputed ? "disputed" : name}`], filled);
  return { done, where, when, by, sentence };
}

function whereRun({ words, platform_names: names }, offer, stands) {
  const { gpu, compute_capability: capability } = stands;
  const plain = names[offer.platform];
  const platform = stands.wsl2 ? fill(words["where-wsl2"], { platform: plain }) : plain;
  let name = gpu ? "where-gpu" : "where-some-gpu";
  if (capability === null && gpu === null) {
    const hasNone = offer.device === "cuda" && ["runs", "links"].includes(stands.rung);
    name = hasNone && stands.standing !== "broken" ? "where-without" : "where";
  } else if (capability === null) name = "where-named-gpu";
  return fill(words[name], { platform, gpu, capability });
}

/* In what the machine that is asked about differs from the one that ran it. */
function butRun({ words }, { os, compute_capability: capability }, stands) {
  const { compute_capability: own } = stands;
  const isOther = capability !== null && own !== null && capability !== own;
  const but = isOther ? fill(words["but-gpu"], { capability }) : "";
  return os === "wsl2" && !stands.wsl2 ? but + words["but-wsl2"] : but;
}

const OF_OFFERS = [
  candidate,
  python,
  plugin,
  computeCapability,
  documentedCapability,
  libraries,
  driver,
  cuda,
  problem,
  (comparison) => withoutXla(comparison, comparison),
  wsl2,
  ofRocm,
  triedKinds,
  directml,
];
const OF_CELLS = [
  (comparison, group) => demand(comparison, "glibc", group.glibc),
  (comparison, group) => demand(comparison, "macos", group.macos),
  standing,
  pins,
];

const reasonsIn = (found) => found.filter((finding) => finding.kind === "reason");

/* Why a series has no build for a platform, or, given a device, none for that. */
function notThere(index, asked, device, release) {
  const platform = platformOf(index, asked);
  const own = index.series[release];
  const words = { platform: index.platform_names[platform] || platform };
  const comparison = new Comparison(index, asked, { code: null, toolkit: null, rocm: null }, []);
  if (device === null) {
    const name = spanWords("platform", index.platforms[platform], own, words);
    const [without, who] = index.without[platform] || [[], []];
    comparison.reason("platform", name, words, { instead: without, sources: who });
    return comparison.found[0];
  }
  words.device = index.device_names[device] || device;
  const name = spanWords("device", index.devices[`${platform}/${device}`], own, words);
  const isElsewhere = Object.entries(index.devices).some(
    ([known, span]) =>
      known.endsWith(`/${device}`) && !older(own, span.first) && !older(span.last, own),
  );
  const known = name === "device-first" ? null : index.elsewhere[device];
  let [instead, sources] = known || [[], []];
  for (const hit of problemsOf(index, asked)) {
    if (hit.devices.length && hits(hit, device, release)) ({ instead, sources } = hit);
  }
  comparison.reason(isElsewhere ? "platform" : "device", name, words, { instead, sources });
  return comparison.found[0];
}

function spanWords(kind, span, own, words) {
  if (!span) return `${kind}-none`;
  if (older(own, span.first)) {
    words.series = span.first;
    return `${kind}-first`;
  }
  if (older(span.last, own)) {
    Object.assign(words, { series: span.last, name: span.name });
    return `${kind}-last`;
  }
  return `${kind}-between`;
}

/* For each series, the newest first: its newest release, and its offers for the platform. */
function bySeries(index, asked, offers) {
  const platform = platformOf(index, asked);
  const found = new Map();
  for (const offer of offers) {
    const name = index.series[offer.release];
    const here = found.get(name) || { newest: 0, offers: [] };
    found.set(name, here);
    if (offer.platform === platform) {
      here.newest = here.offers.length ? Math.max(here.newest, offer.release) : offer.release;
      here.offers.push(offer);
    } else if (!here.offers.length && offer.distribution === "tensorflow") {
      here.newest = Math.max(here.newest, offer.release);
    }
  }
  return [...found].reverse();
}

function judged(comparison) {
  const { offer, asked } = comparison;
  for (const rule of OF_OFFERS) rule(comparison);
  const common = comparison.found;
  const own = offer.cells.filter(
    (group) => asked.python === null || group.pythons.includes(asked.python),
  );
  return (own.length ? own : offer.cells.slice(-1)).map((group) => {
    comparison.found = [...common];
    for (const rule of OF_CELLS) rule(comparison, group);
    comparison.found = withoutVainAdvice(comparison.found);
    const isAsked = group.pythons.includes(asked.python);
    return {
      offer,
      group,
      stands: standsFor(asked, group),
      python: isAsked ? asked.python : group.pythons.at(-1),
      findings: comparison.found,
      reasons: reasonsIn(comparison.found),
    };
  });
}

/* Where more than the driver speaks against an offer, say not what serves an older driver. That one
   is too new for the GPU is to be mended whatever is installed. */
function withoutVainAdvice(found) {
  if (reasonsIn(found).every((finding) => finding.rule === "driver")) return found;
  return found.map((finding) =>
    finding.rule === "driver" && finding.name !== "driver-newest"
      ? { ...finding, instead: [], sources: [] }
      : finding,
  );
}

/* What speaks against a series even where its device is given up. */
function beside(index, asked, offers) {
  const against = offers
    .filter((offer) => offer.device === "cpu")
    .map((offer) => {
      const comparison = new Comparison(index, asked, offer, []);
      const group = offer.cells.at(-1);
      python(comparison);
      demand(comparison, "glibc", group.glibc);
      demand(comparison, "macos", group.macos);
      return reasonsIn(comparison.found);
    });
  return against.length ? first(against, (reasons, other) => reasons.length - other.length) : [];
}

/* Return the first of the lowest, by what compares two. */
const first = (some, compare) =>
  some.reduce((lowest, item) => (compare(item, lowest) < 0 ? item : lowest));

const position = (index, choice) => index.distributions.indexOf(choice.offer.distribution);
const height = (index, choice) =>
  choice.stands.rung === null ? -1 : index.rungs.indexOf(choice.stands.rung);

/* The nearest to fitting has the fewest reasons against it. */
const nearer = (index) => (choice, other) =>
  choice.reasons.length - other.reasons.length ||
  other.offer.release - choice.offer.release ||
  position(index, choice) - position(index, other);

/* The best is the newest release, then the highest rung, then the newest Python. */
const better = (index) => (choice, other) =>
  other.offer.release - choice.offer.release ||
  height(index, other) - height(index, choice) ||
  compared(other.python, choice.python) ||
  position(index, choice) - position(index, other);

export function fit(index, asked, choice) {
  const { offer, group, python: chosen } = choice;
  const release = index.releases[offer.release];
  const setup = index.setups[recipeFor(asked, group).setup];
  const proof = sureness(index, asked, choice);
  const texts = (kind) => choice.findings.filter((found) => found.kind === kind);
  return {
    series: index.series[offer.release],
    release,
    kind: index.kinds[offer.release],
    distribution: offer.distribution,
    platform: offer.platform,
    python: chosen,
    device: offer.device,
    plugin: offer.plugin,
    rung: choice.stands.rung,
    trust: choice.stands.trust,
    proof,
    sure: sureness(index, asked, choice, "how-published").sentence,
    setup_reasons: index.setup_reasons[recipeFor(asked, group).setup],
    setup: setup.map((text) => fill(text, { python: chosen, release })),
    check: index.checks[group.check],
    caveats: texts("caveat").map((found) => found.text),
    because: texts("because").map((found) => found.text),
    certain: choice.findings.every((found) => found.name !== "code-unknown"),
  };
}

/* What others publish for a machine, as kb.answers.published does. */
function published(index, asked, newest) {
  if (newest === null && asked.os === "windows") {
    const inWsl2 = index.words["published-wsl2"];
    return published(index, { ...asked, os: "wsl2" }, newest).map((row) => ({
      ...row,
      note: row.note === null ? inWsl2 : `${inWsl2}; ${row.note}`,
    }));
  }
  const told = asked.gpu_kind || asked.compute_capability;
  const plain = (release) => release.split("+")[0];
  const hasPython = (pythons) =>
    !pythons.length || asked.python === null || pythons.includes(asked.python);
  const isOld = ({ driver }) =>
    driver !== null && asked.driver !== null && older(asked.driver, driver);
  /* a newer driver that is enough by itself is a nearest change */
  const anyDriver =
    newest === null &&
    asked.driver !== null &&
    bestChoice(index, { ...asked, driver: null }) === null;
  const misses = (row) => (hasPython(row.pythons) ? 0 : 1) + (isOld(row) ? 1 : 0);
  const isFor = (row) =>
    row.platform === platformOf(index, asked) &&
    row.systems.includes(asked.os) &&
    (row.device === "cpu") === (asked.device === "cpu") &&
    (row.device === "cpu" || row.maker === null || row.maker === asked.maker) &&
    !(row.only && told && !row.gpus.includes(told)) &&
    (!row.offered_to.length || row.offered_to.includes(told)) &&
    !(row.glibc !== null && asked.glibc !== null && older(asked.glibc, row.glibc)) &&
    (anyDriver || !isOld(row)) &&
    (newest === null || (misses(row) === 0 && older(newest, plain(row.release))));
  const unjudged = (row) => (row.command === null ? 2 : 1);
  const rank = (row) => (row.judged === false ? unjudged(row) : 0);
  const found = index.published.filter(isFor).map((row) => {
    const note = isOld(row) ? fill(index.words["published-driver"], { driver: asked.driver }) : null;
    return { misses: misses(row), build: publication(index, row, told, note) };
  });
  found.sort(
    (one, other) =>
      one.misses - other.misses ||
      rank(one.build) - rank(other.build) ||
      compared(plain(other.build.release), plain(one.build.release)),
  );
  return found.map(({ build }) => build);
}

function publication(index, row, told, aside) {
  const judged = told && row.gpus.length ? row.gpus.includes(told) : null;
  const { publisher } = row;
  const words = {
    publisher,
    needs: row.needs || row.release,
    gpu: told || "",
    named: row.gpus.join(", "),
  };
  const isUnnamed = told && row.device !== "cpu" && !row.gpus.length;
  const ofList = `${row.reported ? "reported" : "published"}-${judged ? "for" : "unjudged"}`;
  const name = isUnnamed ? "published-unnamed" : ofList;
  const isNoted = isUnnamed || (judged !== null && !row.only);
  const noted = isNoted ? fill(index.words[name], words) : null;
  const note = [aside, noted].filter((text) => text !== null).join("; ") || null;
  const { release, distribution, device, pythons, needs, command, address, sources } = row;
  return {
    release,
    distribution,
    publisher,
    device,
    python: pythons,
    needs,
    command,
    address,
    judged,
    note,
    sources,
  };
}

/* What `find` answers, and no more than that: it stops at the first series that fits. */
export function bestChoice(index, asked) {
  const { offers } = index;
  const found = firstFit(index, asked, offers);
  const aside = found || asked.cuda === null ? found : firstFit(index, asked, offers, true);
  return aside || firstFit(index, asked, index.candidates);
}

/* Tell whether an offer for the machine of a question fits it, with another CUDA beside that of the
   machine where it has one. */
export const offerFits = (index, asked, offer) =>
  fitting(new Comparison(index, asked, offer, problemsOf(index, asked), asked.cuda !== null))
    .length > 0;

/* The best of the newest series that fits. */
function firstFit(index, asked, offers, isBeside = false) {
  const [platform, devices] = [platformOf(index, asked), devicesOf(index, asked)];
  const problems = problemsOf(index, asked);
  const bySeries = new Map();
  for (const offer of offers) {
    const hasPython = (group) => asked.python === null || group.pythons.includes(asked.python);
    if (offer.platform !== platform || !devices.includes(offer.device)) continue;
    if (!offer.cells.some(hasPython)) continue;
    const name = index.series[offer.release];
    bySeries.set(name, [...(bySeries.get(name) || []), offer]);
  }
  for (const own of [...bySeries.values()].reverse()) {
    const fits = own.flatMap((offer) =>
      fitting(new Comparison(index, asked, offer, problems, isBeside)),
    );
    if (fits.length) return first(fits, better(index));
  }
  return null;
}

/* The choices of an offer that fit, without the trouble of telling why others do not. */
function fitting(comparison) {
  for (const rule of [libraries, problem, ...OF_OFFERS]) {
    rule(comparison);
    if (reasonsIn(comparison.found).length) return [];
  }
  comparison.found = [];
  return judged(comparison).filter((choice) => !choice.reasons.length);
}

const devicesOf = (index, asked) =>
  asked.device === "cpu" ? ["cpu"] : index.makers[asked.maker][asked.os];

/* Hold offers against a question: what fits of each series, and the series of which nothing does. */
function held(index, asked, devices, someOffers, isBeside = false) {
  const problems = problemsOf(index, asked);
  const fits = [];
  const rejected = [];
  const reject = (series, release, reasons) =>
    rejected.push({
      series,
      release: index.releases[release],
      kind: index.kinds[release],
      reasons,
    });
  for (const [name, { newest, offers }] of bySeries(index, asked, someOffers)) {
    const choices = offers
      .filter((offer) => devices.includes(offer.device))
      .flatMap((offer) => judged(new Comparison(index, asked, offer, problems, isBeside)));
    const fitting = choices.filter((some) => !some.reasons.length);
    if (fitting.length) {
      fits.push(fitting);
    } else if (choices.length) {
      const closest = first(choices, nearer(index));
      reject(name, closest.offer.release, closest.reasons);
    } else {
      const missing = notThere(index, asked, offers.length ? devices[0] : null, newest);
      reject(name, newest, [missing, ...beside(index, asked, offers)]);
    }
  }
  return { fits, rejected };
}

/* Answer a question: the answer, the newest that a run proves, what fits besides, what does not, and
   what others publish. Where nothing goes with the machine's CUDA, another may stand beside it;
   where no release fits, a candidate may. */
export function find(index, question) {
  const asked = settled(question);
  const devices = devicesOf(index, asked);
  let { fits, rejected } = held(index, asked, devices, index.offers);
  if (!fits.length && asked.cuda !== null) {
    const aside = held(index, asked, devices, index.offers, true);
    if (aside.fits.length) ({ fits, rejected } = aside);
  }
  if (!fits.length) {
    const platform = platformOf(index, asked);
    const candidates = index.candidates.filter(
      (offer) => offer.platform === platform && devices.includes(offer.device),
    );
    const beyond = held(index, asked, devices, candidates);
    fits = beyond.fits;
    rejected = [...beyond.rejected, ...rejected];
  }
  const best = fits.map((some) => fit(index, asked, first(some, better(index))));
  const proven = fits.flat().filter((choice) => isProven(index, asked, choice));
  return {
    asked,
    answer: best[0] || null,
    proven: proven.length ? fit(index, asked, first(proven, better(index))) : null,
    also: best.slice(1),
    rejected,
    elsewhere: published(index, asked, best.length ? best[0].release : null),
  };
}
