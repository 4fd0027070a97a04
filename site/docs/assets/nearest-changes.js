/* The nearest changes to a question that no release answers, as kb/answers/nearest_changes.py has
   them, each with the command that asks it, as kb/answers/find_command.py writes it. */

import {
  bestChoice,
  compared,
  fill,
  fit,
  isOnArm,
  meaning,
  offerFits,
  older,
} from "./find-rules.js";

const MOST = 5;
const MOST_TOGETHER = 3;
const NO_GPU = { gpu: null, compute_capability: null, gpu_kind: null, driver: null, cuda: null };
const ON_CPU = { device: "cpu", ...NO_GPU, xla: null, further_gpus: null };

/* Return the nearest changes to a question, the cheapest first: none where a release fits, and
   beside a candidate those alone that a release answers. */
export function nearestChanges(index, { asked, answer }) {
  if (answer !== null && answer.kind === "release") return [];
  const moves = movesOf(index, asked);
  const here = moves.filter(({ kind }) => kind !== "linux");
  let found = ways(index, asked, here, answer, []);
  const keeps = ({ nearest }) => nearest.answer.device !== "cpu" || asked.device === "cpu";
  if (!found.some(keeps)) {
    /* another machine has to do more than to compute on its CPU */
    const further = found.length ? moves.filter(({ kind }) => kind !== "cpu") : moves;
    found = ways(index, asked, further, answer, found);
  }
  found.sort((way, other) => way.cost - other.cost);
  const all = found.map(({ nearest }) => nearest);
  return all.filter((nearest) => !isNeedless(index, nearest, all)).slice(0, MOST);
}

/* Tell whether a part of a change does as much: a release that is proven as well. */
function isNeedless(index, nearest, others) {
  const height = ({ answer }) => index.rungs.indexOf(answer.rung);
  const size = ({ change }) => Object.keys(change).length;
  const isWithin = ({ change }) =>
    Object.entries(change).every(
      ([name, value]) => name in nearest.change && nearest.change[name] === value,
    );
  return others.some(
    (other) =>
      size(other) < size(nearest) &&
      isWithin(other) &&
      other.answer.kind === "release" &&
      height(other) >= height(nearest),
  );
}

/* What fits with one move, with two together, with three, and of more as many as it takes. */
function ways(index, asked, moves, answer, known) {
  const found = [...known];
  const isOfRelease = ({ nearest }) => nearest.answer.kind === "release";
  for (let number = 1; number <= moves.length; number += 1) {
    const releases = found.filter(isOfRelease).length;
    if (releases >= MOST || (releases && number > MOST_TOGETHER)) break;
    for (const some of combinations(moves, number)) {
      const kinds = some.map(({ kind }) => kind);
      const saysAsMuch = (way) =>
        way.kinds.every((kind) => kinds.includes(kind)) &&
        (way.kinds.length === kinds.length || isOfRelease(way));
      if (!goTogether(index, kinds) || found.some(saysAsMuch)) continue;
      const nearest = changed(index, asked, some);
      if (nearest === null) continue;
      const isRelease = nearest.answer.kind === "release";
      if (answer !== null && !isRelease) continue;
      const costly = isRelease ? kinds : [...kinds, "candidate"];
      const cost = costly.reduce((sum, kind) => sum + index.change_costs[kind], 0);
      found.push({ kinds, cost, nearest });
    }
  }
  return found;
}

/* The choices of so many of some, in their order. */
function combinations(some, number) {
  if (number === 0) return [[]];
  return some.flatMap((one, position) =>
    combinations(some.slice(position + 1), number - 1).map((others) => [one, ...others]),
  );
}

const goTogether = (index, kinds) =>
  !index.changes_apart.some((pair) => pair.every((kind) => kinds.includes(kind)));

/* The kinds of changes, and the fields that each sets; null leaves them open. */
function movesOf(index, asked) {
  const moves = [...toOtherSystems(asked)];
  const move = (kind, fields) => moves.push({ kind, fields });
  const isOnLinux = ["linux", "wsl2"].includes(asked.os);
  if (asked.device === "gpu") move("cpu", ON_CPU);
  if (asked.python !== null) move("python", { python: null });
  if (asked.driver !== null && asked.device === "gpu") move("driver", { driver: null });
  if (asked.macos !== null && asked.os === "macos") move("macos", { macos: null });
  const ofXla = index.problems.filter((fault) => fault.only_with === "xla");
  const isOfXla = ofXla.some((fault) => fault.capabilities.includes(asked.compute_capability));
  if (asked.device === "gpu" && asked.xla === null && isOfXla) move("xla", { xla: "off" });
  const { container_glibc: glibc } = index;
  if (asked.glibc !== null && isOnLinux && older(asked.glibc, glibc)) move("glibc", { glibc });
  return moves;
}

function* toOtherSystems(asked) {
  const { os, arch } = asked;
  const bare = { glibc: null, macos: null };
  if (os === "windows" && arch !== "armv7l") yield { kind: "wsl2", fields: { os: "wsl2", ...bare } };
  if (os === "macos" && arch !== "armv7l") {
    yield { kind: "container", fields: { os: "linux", ...bare, ...ON_CPU } };
  }
  if (os === "linux" && arch === "armv7l") yield { kind: "arm64", fields: { arch: "arm64" } };
  if (os !== "linux" || arch !== "x86_64") {
    const driver = os === "linux" ? asked.driver : null;
    yield { kind: "linux", fields: { os: "linux", arch: "x86_64", driver, ...bare } };
  }
}

/* The change that some moves make, where it has an answer: what they leave open is as that has it. */
function changed(index, asked, moves) {
  let question = Object.assign({}, asked, ...moves.map(({ fields }) => fields));
  const choice = bestChoice(index, question);
  if (choice === null) return null;
  const told = [];
  for (const { kind } of moves) {
    const own = settledMove(index, asked, question, choice, kind);
    if (own === null) return null;
    question = { ...question, ...own.fields };
    told.push(own.text);
  }
  const best = bestChoice(index, question);
  if (best === null) return null;
  const sentence = told.join(", ");
  return {
    change: Object.fromEntries(
      Object.keys(question)
        .filter((name) => question[name] !== asked[name])
        .map((name) => [name, question[name]]),
    ),
    told: sentence[0].toUpperCase() + sentence.slice(1),
    command: findCommand(index, question),
    answer: fit(index, question, best),
  };
}

/* What a move leaves open, as the answer takes it, and the move in words. */
function settledMove(index, asked, question, choice, kind) {
  const say = (name, words) => fill(index.words[`near-${name}`], words);
  if (kind === "python") {
    return { fields: { python: choice.python }, text: say(kind, { python: choice.python }) };
  }
  if (kind === "macos") {
    const { macos } = choice.group;
    return macos === null ? null : { fields: { macos }, text: say(kind, { macos }) };
  }
  if (kind === "driver") return driverMove(index, asked, question, choice, say);
  if (kind === "glibc") return { fields: {}, text: say(kind, { glibc: index.container_glibc }) };
  if (kind === "container" && asked.device === "gpu") {
    return { fields: {}, text: say("container-cpu", {}) };
  }
  const isSameMachine = kind === "linux" && asked.arch === "x86_64" && asked.os !== "macos";
  return { fields: {}, text: say(isSameMachine ? "linux-itself" : kind, {}) };
}

/* The least driver with which an answer fits, or one of the last branch that serves the GPU. */
function driverMove(index, asked, question, choice, say) {
  const last = index.maximum_drivers[question.compute_capability] || null;
  const isTooNew = last !== null && !older(asked.driver, last[1]);
  const least = drivers(index, question, choice);
  const ofBranch = last === null ? [] : [last[0]];
  for (const driver of isTooNew ? [...ofBranch, ...least] : [...least, ...ofBranch]) {
    const isNearer = isTooNew ? older(driver, asked.driver) : older(asked.driver, driver);
    if (!isNearer || !offerFits(index, { ...question, driver }, choice.offer)) continue;
    const name = index.windows_driver.includes(question.os) ? "driver-windows" : "driver";
    const ofLast = driver === ofBranch[0] ? "driver-last" : `${name}-until`;
    const words = { driver, branch: last && last[0] };
    return { fields: { driver }, text: say(last === null ? name : ofLast, words) };
  }
  return null;
}

/* The drivers that can be the least for an offer, the oldest first. */
function drivers(index, { os, compute_capability: capability }, { offer }) {
  const found = [index.first_branches[capability], index.wsl2_branch];
  if (offer.toolkit !== null) {
    const toolkit = index.toolkits[offer.toolkit];
    if (os === "wsl2") found.push(toolkit.wsl2);
    found.push(os === "windows" ? toolkit.windows : toolkit.linux);
    found.push(...toolkit.patches.map((row) => row[os === "windows" ? 2 : 1]));
  }
  if (offer.code !== null && capability !== null) {
    const { counted, counts } = index.codes[offer.code];
    const letter = counted[index.capabilities.indexOf(capability)];
    if (letter) found.push(counts[parseInt(letter, 36)].branch);
  }
  return [...new Set(found.filter((one) => one))].sort(compared);
}

/* The command. */

const NAME = "tensorflow-compat";

/* Return the command that asks a question. */
export function findCommand(index, question) {
  const words = options(index, question)
    .filter(([, value]) => value)
    .map(([name, value]) => `--${name}${value.startsWith("-") ? "=" : " "}${quoted(index, value)}`);
  return [NAME, "find", ...words].join(" ");
}

function quoted(index, word) {
  const isAll = (pattern) => new RegExp(`^${pattern}$`).test(word);
  if (isAll(index.plain_word)) return word;
  if (isAll(index.quotable_word)) return `"${word}"`;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

function options(index, question) {
  let asked = question;
  if (asked.device === "cpu") asked = { ...asked, ...NO_GPU };
  else if (asked.maker !== "nvidia") asked = { ...asked, compute_capability: null };
  const { os, arch, compute_capability: capability } = asked;
  const gpu = gpuOf(index, asked);
  const isOnLinux = ["linux", "wsl2"].includes(os);
  const onArm = os === "macos" || isOnArm(index, asked.gpu || "", capability);
  return [
    ["os", os === "linux" && gpu === null ? null : os],
    ["arch", arch === (onArm ? "arm64" : "x86_64") ? null : arch],
    ["python", asked.python],
    ["device", deviceOf(index, asked, gpu || capability)],
    [gpu ? "gpu" : "compute-capability", gpu || capability],
    ["driver", asked.driver],
    ["cuda", asked.cuda],
    ["glibc", isOnLinux ? asked.glibc : null],
    ["macos", os === "macos" ? asked.macos : null],
    ["xla", asked.xla],
  ];
}

/* What names the GPU: its name as it was given, where that means what the question tells. */
function gpuOf(index, { os, maker, gpu, compute_capability: capability, gpu_kind: kind }) {
  if (gpu !== null) {
    const meant = meaning(index, gpu, os);
    const known = capability === null ? [] : [capability];
    if (meant.maker === maker && meant.capabilities.join() === known.join()) return gpu;
  }
  if (kind === null || kind.startsWith("gfx")) return kind;
  return ((index.other_gpus[maker] || {})[kind] || [])[0] || null;
}

function deviceOf(index, asked, hasGpu) {
  if (asked.device === "cpu") return "cpu";
  if (hasGpu) return null;
  const served = index.makers[asked.maker][asked.os];
  return (index.asking_devices[asked.maker] || []).find((device) => served.includes(device)) || "gpu";
}
