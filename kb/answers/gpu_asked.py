"""A question about a machine, with what the names of its GPUs mean filled in."""

from kb.answers.comparison import AskedGpu, MachineQuestion
from kb.base.errors import WrongUsage
from kb.base.store import Store
from kb.index.gpus import check_capability, meaning, named_gpu
from kb.index.records import Index
from kb.index.words import Maker
from kb.terminal.program import NAME

_NAMES: dict[Maker, str] = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple"}


def understood(question: MachineQuestion, index: Index, store: Store) -> MachineQuestion:
    """Return a question with the maker, and the compute capability or kind, of each GPU it names.

    What the question tells itself stays. Raises UnknownGpu and AmbiguousGpu, both LookupErrors, and
    WrongUsage for GPUs of several makers.
    """
    alone = question._replace(further_gpus=None)
    first = _with_meaning(alone, index, store)
    if not question.further_gpus:
        return first
    others = [
        _with_meaning(alone._replace(**gpu._asdict()), index, store)
        for gpu in question.further_gpus
    ]
    makers = dict.fromkeys(_NAMES[one.maker or "nvidia"] for one in (first, *others))
    if len(makers) > 1:
        from kb.answers.find_command import quoted  # an answer need not pay for it

        commands = tuple(
            f"{NAME} find --gpu {quoted(one.gpu)}" for one in (first, *others) if one.gpu
        )
        raise WrongUsage(
            f"one TensorFlow serves GPUs of one maker, and these are of {' and '.join(makers)}: "
            f"ask about each maker's by themselves: {', '.join(commands)}",
            commands,
        )
    further = tuple(
        AskedGpu(gpu=one.gpu, compute_capability=one.compute_capability, gpu_kind=one.gpu_kind)
        for one in others
    )
    return first._replace(further_gpus=further)


def _with_meaning(question: MachineQuestion, index: Index, store: Store) -> MachineQuestion:
    """Return a question about one GPU with its maker, and its compute capability or kind."""
    if question.compute_capability is not None:
        check_capability(question.compute_capability, index)
        return question._replace(maker=question.maker or "nvidia")
    if question.gpu is None:
        return question
    meant = meaning(question.gpu, index, question.os)
    if question.maker not in (None, "nvidia"):
        kind = meant.kind if meant.maker == question.maker else None
        return question._replace(gpu_kind=question.gpu_kind or kind)
    if meant.maker is None or len(meant.capabilities) > 1:
        # raises, or knows more than the index
        named = named_gpu(question.gpu, index, store, question.os)
        return question._replace(maker=named.maker, compute_capability=named.compute_capability)
    return question._replace(
        maker=meant.maker,
        compute_capability=meant.capabilities[0] if meant.capabilities else None,
        gpu_kind=meant.kind,
    )
