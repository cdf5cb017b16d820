"""Matrix products as plain loops: correct on every machine, and fast enough for the smallest nets."""

from lab.kernels.cpu.cache import kernel
from lab.kernels.cpu.forms import NT, TN, sizes


@kernel
def product(form, a, b, c, accumulate, workspace):
    """c = or += op(a) op(b) in one of the three forms; workspace: eight entries at least."""
    if form == NT:
        _dots(a, b, c, accumulate, workspace)
        return
    m, n, k = sizes(form, a, b, c)
    if not accumulate:
        c[:, :n] = 0
    for p in range(k):
        for i in range(m):
            factor = a[p, i] if form == TN else a[i, p]
            if factor != 0:  # dropped inputs and silent ReLUs: a tenth to a half of all
                row = c[i]
                for j in range(n):
                    row[j] += factor * b[p, j]


@kernel
def _dots(a, b, c, accumulate, workspace):
    """c = or += a b^T: both are read along their rows, so every entry is a sum of its own."""
    # Eight sums at once: one running sum would wait for its own result at every step.
    sums, (n, k) = workspace[:8], b.shape
    whole = k // 8 * 8
    for i in range(a.shape[0]):
        for j in range(n):
            sums[:] = 0
            for p in range(0, whole, 8):
                for lane in range(8):
                    sums[lane] += a[i, p + lane] * b[j, p + lane]
            total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
            for p in range(whole, k):
                total += a[i, p] * b[j, p]
            c[i, j] = c[i, j] + total if accumulate else total
