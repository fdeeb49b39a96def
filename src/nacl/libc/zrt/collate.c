/* The order of letters in patterns: that of their numbers, as no locale has another here. */
int __collate_load_error = 1;

int __collate_range_cmp(int one, int two) { return (one & 0xff) - (two & 0xff); }
