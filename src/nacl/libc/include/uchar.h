#ifndef _UCHAR_H
#define _UCHAR_H

#include <wchar.h>

typedef __CHAR16_TYPE__ char16_t;
typedef __CHAR32_TYPE__ char32_t;

size_t c16rtomb(char *text, char16_t unit, mbstate_t *state);
size_t c32rtomb(char *text, char32_t letter, mbstate_t *state);
size_t mbrtoc16(char16_t *unit, const char *text, size_t size, mbstate_t *state);
size_t mbrtoc32(char32_t *letter, const char *text, size_t size, mbstate_t *state);

#endif
