"""The three forms of a product that a layer needs, and the sizes in them.

    NN   z  = a W        forward      (m, k) (k, n)
    NT   da = dz W^T     inputs       (m, k) (n, k)
    TN   dW = a^T dz     weights      (k, m) (k, n)

The matrices of activations may be wider than what is read of them or written to them, see `passes.shape_table`: so
the sizes m, n and k are those of the weights, and of the rows.
"""

from lab.kernels.cpu.cache import inline

NN, NT, TN = range(3)


@inline
def sizes(form, a, b, c):
    """m, n, k of c (m, n) = op(a) (m, k) op(b) (k, n)."""
    if form == TN:
        return c.shape[0], c.shape[1], a.shape[0]
    if form == NT:
        return a.shape[0], b.shape[0], b.shape[1]
    return a.shape[0], b.shape[1], b.shape[0]
