"""How are files of cases computed, more than the memory holds? DuckDB or Spark reads, computes and writes them."""
