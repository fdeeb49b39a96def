#ifndef _NETINET_IN_H
#define _NETINET_IN_H

/* There are no sockets; what is here is their order of bytes, which files have as well. */
#include <stdint.h>

#define htons(number) __builtin_bswap16(number)
#define htonl(number) __builtin_bswap32(number)
#define ntohs(number) __builtin_bswap16(number)
#define ntohl(number) __builtin_bswap32(number)

#endif
