"""The few things that a loop cannot say: whole vectors in registers, emitted as LLVM instructions.

A matrix product is fast when its sums stay in registers. LLVM vectorises the inner loop of a plain product, but
it loads and stores the sums in every turn, which leaves four fifths of the machine idle. So the innermost piece
is written here, vector by vector; everything around it is ordinary code in `lab.kernels.cpu.register`.

    tile       c += a panel, for a few rows of a and one panel of b: the sums of the tile never leave the registers
    pack       panel <- some columns of b, one row after the other in memory
    transpose  panel <- some rows of b as columns, a square of vectors at a time

All addresses are bytes (`array.ctypes.data`), all strides are counted in entries. Nothing is checked here.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from lab.kernels.cpu.cache import inline
from lab.kernels.cpu.features import vector_bytes

BYTES = vector_bytes()
# Sums of a tile: two vectors wide, and so many rows that they fill the registers (32 of them with AVX-512 and on
# Arm, 16 with AVX) but for those that hold the panel's row and an entry of a.
ROWS = 6 if BYTES == 32 else 12
FEW = ROWS // 3  # rows at a time of what is left after the full tiles; then one by one


def lanes(itemsize: int) -> int:
    """Entries of a vector; a panel is two vectors wide."""
    return BYTES // itemsize


_I64, _I32 = ir.IntType(64), ir.IntType(32)


def _llvm_vector(real: types.Float) -> tuple[ir.Type, ir.VectorType, int]:
    """(entry, vector, bytes of an entry) of a numba float type."""
    size = real.bitwidth // 8
    entry = ir.FloatType() if size == 4 else ir.DoubleType()
    return entry, ir.VectorType(entry, lanes(size)), size


def _load(builder, address, kind, align):
    made = builder.load(builder.inttoptr(address, kind.as_pointer()))
    made.align = align  # rows start anywhere
    return made


def _store(builder, value, address, align):
    builder.store(value, builder.inttoptr(address, value.type.as_pointer())).align = align


def _intrinsic(module: ir.Module, name: str, made: ir.Type, taken: list[ir.Type]) -> ir.Function:
    """One of LLVM's own functions, declared once in a module."""
    return module.globals.get(name) or ir.Function(module, ir.FunctionType(made, taken), name)


def _named(vector: ir.VectorType) -> str:
    """A vector type as LLVM writes it in the names of its functions: v16f32."""
    return f"v{vector.count}f{32 if vector.element == ir.FloatType() else 64}"


def _fused(module: ir.Module, vector: ir.VectorType) -> ir.Function:
    """a b + c in one instruction where the processor has it, else in two."""
    return _intrinsic(module, f"llvm.fmuladd.{_named(vector)}", vector, [vector] * 3)


def _int(value: int) -> ir.Constant:
    return ir.Constant(_I64, value)


def _first(builder, width, vector):
    """A mask of the first `width` entries of a vector."""
    numbers = ir.Constant(ir.VectorType(_I64, vector.count), list(range(vector.count)))
    return builder.icmp_signed("<", numbers, _broadcast(builder, width, numbers.type))


def _load_first(builder, address, vector, align, mask):
    """A vector of which only the entries of the mask are read; the others are 0."""
    place, name = vector.as_pointer(), f"llvm.masked.load.{_named(vector)}.p0{_named(vector)}"
    load = _intrinsic(builder.module, name, vector, [place, _I32, mask.type, vector])
    zeros = ir.Constant(vector, [0.0] * vector.count)
    return builder.call(load, [builder.inttoptr(address, place), ir.Constant(_I32, align), mask, zeros])


def _store_first(builder, value, address, align, mask):
    """Write the entries of the mask, and leave what lies beside them."""
    vector = value.type
    place, name = vector.as_pointer(), f"llvm.masked.store.{_named(vector)}.p0{_named(vector)}"
    store = _intrinsic(builder.module, name, ir.VoidType(), [vector, place, _I32, mask.type])
    builder.call(store, [value, builder.inttoptr(address, place), ir.Constant(_I32, align), mask])


def _broadcast(builder, entry, vector):
    nowhere = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(nowhere, entry, ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, nowhere, ir.Constant(ir.VectorType(_I32, vector.count), [0] * vector.count))


def make_tile(rows: int, vectors: int):
    """An intrinsic: c (rows, width) = or += a (rows, k) panel (k, 2 * lanes).

        tile(real, a, a_row, a_column, panel, c, c_row, k, accumulate, width)

    `real` is any array: its dtype is the one of all others. Entry (i, p) of `a` lies at a + i a_row + p a_column, so a
    transposed matrix costs nothing. A tile of one vector writes the first `width` entries of each row only; one of two
    writes both vectors, whatever `width` is. The sum of an entry runs over p = 0, 1, ... with one rounding each,
    whatever the size of the tile and of the vectors: every machine with fused multiply-add gets the same bits.
    """

    @intrinsic
    def tile(typingctx, real, a, a_row, a_column, panel, c, c_row, k, accumulate, width):
        entry, vector, size = _llvm_vector(real.dtype)
        step = vector.count * size

        def emit(context, builder, signature, arguments):
            _, a, a_row, a_column, panel, c, c_row, k, accumulate, width = arguments
            a_row, a_column, c_row = (builder.mul(stride, _int(size)) for stride in (a_row, a_column, c_row))
            fma = _fused(builder.module, vector)
            mask = _first(builder, width, vector) if vectors == 1 else None
            a_rows = [builder.mul(a_row, _int(i)) for i in range(rows)]
            c_places = [
                builder.add(builder.add(c, builder.mul(c_row, _int(i))), _int(j * step))
                for i in range(rows)
                for j in range(vectors)
            ]
            start = builder.block
            go_on, loop, done = (builder.append_basic_block(name) for name in ("go_on", "loop", "done"))
            builder.cbranch(builder.icmp_signed("!=", accumulate, _int(0)), go_on, loop)
            builder.position_at_end(go_on)
            if mask is None:
                before = [_load(builder, place, vector, size) for place in c_places]
            else:
                before = [_load_first(builder, place, vector, size, mask) for place in c_places]
            builder.branch(loop)

            builder.position_at_end(loop)
            p, a_here, panel_here = (builder.phi(_I64) for _ in range(3))
            sums = [builder.phi(vector) for _ in c_places]
            b = [_load(builder, builder.add(panel_here, _int(j * step)), vector, size) for j in range(vectors)]
            after = []
            for i in range(rows):
                factor = _broadcast(builder, _load(builder, builder.add(a_here, a_rows[i]), entry, size), vector)
                after += [builder.call(fma, [factor, b[j], sums[i * vectors + j]]) for j in range(vectors)]
            following = builder.add(p, _int(1))
            turns = (
                (p, _int(0), following),
                (a_here, a, builder.add(a_here, a_column)),
                (panel_here, panel, builder.add(panel_here, _int(2 * step))),
            )
            for phi, first, then in turns:
                for block, value in ((start, first), (go_on, first), (loop, then)):
                    phi.add_incoming(value, block)
            for phi, old, new in zip(sums, before, after, strict=True):
                for block, value in ((start, ir.Constant(vector, [0.0] * vector.count)), (go_on, old), (loop, new)):
                    phi.add_incoming(value, block)
            builder.cbranch(builder.icmp_signed("<", following, k), loop, done)

            builder.position_at_end(done)
            for place, value in zip(c_places, after, strict=True):
                if mask is None:
                    _store(builder, value, place, size)
                else:
                    _store_first(builder, value, place, size, mask)
            return context.get_dummy_value()

        return types.void(real, *[types.int64] * 9), emit

    return tile


@intrinsic
def copy_two(typingctx, real, source, target):
    """Copy two vectors of `real`'s dtype, a row of a panel, from one address to another."""
    _, vector, size = _llvm_vector(real.dtype)

    def emit(context, builder, signature, arguments):
        _, source, target = arguments
        for j in range(2):
            here = _int(j * vector.count * size)
            _store(builder, _load(builder, builder.add(source, here), vector, size), builder.add(target, here), size)
        return context.get_dummy_value()

    return types.void(real, types.int64, types.int64), emit


@intrinsic
def transpose_square(typingctx, real, source, source_row, target, target_row):
    """target (lanes, lanes) = source^T, in registers: log2(lanes) rounds of interleaving rows i and i + lanes / 2.

    Like a pack of cards that is cut in half and shuffled perfectly: so often, and rows have become columns.
    """
    _, vector, size = _llvm_vector(real.dtype)
    n = vector.count

    def emit(context, builder, signature, arguments):
        _, source, source_row, target, target_row = arguments
        source_row, target_row = (builder.mul(stride, _int(size)) for stride in (source_row, target_row))
        rows = [_load(builder, builder.add(source, builder.mul(source_row, _int(i))), vector, size) for i in range(n)]
        mask_type = ir.VectorType(_I32, n)
        low = ir.Constant(mask_type, [i // 2 + n * (i % 2) for i in range(n)])
        high = ir.Constant(mask_type, [n // 2 + i // 2 + n * (i % 2) for i in range(n)])
        for _ in range(n.bit_length() - 1):
            pairs = [(rows[i], rows[i + n // 2]) for i in range(n // 2)]
            rows = [builder.shuffle_vector(a, b, mask) for a, b in pairs for mask in (low, high)]
        for i, row in enumerate(rows):
            _store(builder, row, builder.add(target, builder.mul(target_row, _int(i))), size)
        return context.get_dummy_value()

    return types.void(real, *[types.int64] * 4), emit


@inline
def panel_columns(real):
    """Columns of a panel: two vectors."""
    return 2 * BYTES // real.itemsize
