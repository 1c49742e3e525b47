"""How is a `Flat` computed over columns in memory? By blocked NumPy, by kernels that numba compiles, by Polars expressions."""
