"""A question about a machine, with what the name of its GPU means filled in."""

from kb.answers.fit_rules import MachineQuestion
from kb.base.store import Store
from kb.index.gpus import check_capability, meaning, named_gpu
from kb.index.records import Index


def understood(question: MachineQuestion, index: Index, store: Store) -> MachineQuestion:
    """Return a question with the maker, and the compute capability or kind, of the GPU it names.

    What the question tells itself stays. Raises UnknownGpu and AmbiguousGpu, both LookupErrors.
    """
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
