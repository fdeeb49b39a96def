#ifndef _ENDIAN_H
#define _ENDIAN_H

/* The lowest byte is the first; newlib's header has the names of the orders. */
#include <machine/endian.h>

#define htobe16(number) __builtin_bswap16(number)
#define htobe32(number) __builtin_bswap32(number)
#define htobe64(number) __builtin_bswap64(number)
#define be16toh(number) __builtin_bswap16(number)
#define be32toh(number) __builtin_bswap32(number)
#define be64toh(number) __builtin_bswap64(number)
#define htole16(number) ((unsigned short)(number))
#define htole32(number) ((unsigned)(number))
#define htole64(number) ((unsigned long long)(number))
#define le16toh(number) ((unsigned short)(number))
#define le32toh(number) ((unsigned)(number))
#define le64toh(number) ((unsigned long long)(number))

#endif
