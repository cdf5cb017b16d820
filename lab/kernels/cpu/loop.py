"""Matrix products as plain loops: correct on every machine, and fast enough for the smallest nets."""

from lab.kernels.cpu.cache import kernel


@kernel
def multiply(a, b, c):
    """c = a b, with a (m, >= k), b (k, n), c (m, >= n)."""
    k, n = b.shape
    for i in range(a.shape[0]):
        row = c[i, :n]
        row[:] = 0
        for p in range(k):
            factor = a[i, p]
            for j in range(n):
                row[j] += factor * b[p, j]


@kernel
def multiply_nt(a, b, c, workspace):
    """c = a b^T, with a (m, >= k), b (n, k), c (m, >= n). workspace: eight entries at least."""
    # Eight sums at once: one running sum would wait for its own result at every step.
    sums, k = workspace[:8], b.shape[1]
    whole = k // 8 * 8
    for i in range(a.shape[0]):
        for j in range(b.shape[0]):
            sums[:] = 0
            for p in range(0, whole, 8):
                for lane in range(8):
                    sums[lane] += a[i, p + lane] * b[j, p + lane]
            total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
            for p in range(whole, k):
                total += a[i, p] * b[j, p]
            c[i, j] = total


@kernel
def multiply_tn(a, b, c, accumulate):
    """c = a^T b, or c += a^T b where `accumulate`, with a (k, >= m), b (k, >= n), c (m, n)."""
    m, n = c.shape
    if not accumulate:
        c[:] = 0
    for p in range(a.shape[0]):
        for i in range(m):
            factor = a[p, i]
            if factor != 0:  # dropped inputs and silent ReLUs: a tenth to a half of all
                row = c[i]
                for j in range(n):
                    row[j] += factor * b[p, j]
