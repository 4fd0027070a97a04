"""What follows from the claims about AMD's ROCm: which one a release of tensorflow-rocm needs, and
which GPUs its code and that ROCm serve. The wheel's own word beats AMD's list.
"""

from collections.abc import Iterator

from kb.base.model import RocmFile, RocmHardware, RocmTable, RocmWheel
from kb.base.record import Record
from kb.base.versions import series


class RocmNeed(Record):
    """The ROCm of a release of tensorflow-rocm, None where nothing says it; the wheel that was read
    of it, and AMD's list of GPUs for that ROCm, where there are such.
    """

    rocm: str | None
    wheel: RocmWheel | None
    hardware: RocmHardware | None

    def targets(self) -> tuple[str, ...]:
        """Return the targets that the wheel has code for, in its own order.

        A few objects alone are of a library that the wheel carries, and serve no kernel of
        TensorFlow: a target counts with four fifths as many as that with the most.
        """
        code = self.wheel.code if self.wheel else ()
        most = max((part.objects for part in code), default=0)
        return tuple(part.target for part in code if part.objects * 5 >= most * 4)


class TableDispute(Record):
    """Tables of AMD that do not agree whether a series of TensorFlow goes with a ROCm."""

    rocm: str
    series: str
    listed: tuple[RocmTable, ...]
    left_out: tuple[RocmTable, ...]


def rocm_need(file: RocmFile, release: str) -> RocmNeed:
    """Return what is known of the ROCm of a release of tensorflow-rocm."""
    wheel = next((wheel for wheel in file.wheels if wheel.release == release), None)
    rocm = (wheel.rocm or wheel.listed) if wheel else None
    minor = series(rocm) if rocm else None
    hardware = next((row for row in file.hardware if row.rocm == minor), None)
    return RocmNeed(rocm=rocm, wheel=wheel, hardware=hardware)


def table_disputes(file: RocmFile, of_series: str) -> Iterator[TableDispute]:
    """Yield each ROCm of which some of AMD's tables name a series of TensorFlow and others do not.

    A table that does not know the ROCm says nothing of it.
    """
    rocms = dict.fromkeys(row.rocm for table in file.tables for row in table.rows)
    for rocm in rocms:
        listed: list[RocmTable] = []
        left_out: list[RocmTable] = []
        for table in file.tables:
            for row in table.rows:
                if row.rocm == rocm:
                    names = {series(version) for version in row.tensorflow}
                    (listed if of_series in names else left_out).append(table)
        if listed and left_out:
            yield TableDispute(
                rocm=rocm, series=of_series, listed=tuple(listed), left_out=tuple(left_out)
            )
