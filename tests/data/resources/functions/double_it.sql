x * by
