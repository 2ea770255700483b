/* Preloaded into a test. While the file $SWITCH exists, system calls fail on files whose name ends with $SUFFIX: with
   FAIL=sync they fail with EIO, with FAIL=write with ENOSPC. All other calls reach the real disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int strikes(int fd, const char *what) {
    const char *file_switch = getenv("SWITCH"), *fail = getenv("FAIL"), *suffix = getenv("SUFFIX");
    char link[64], path[4096];
    if (!file_switch || !fail || !suffix || strcmp(fail, what) != 0 || access(file_switch, F_OK) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    size_t wanted = strlen(suffix);
    return length >= (ssize_t)wanted && memcmp(path + length - wanted, suffix, wanted) == 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) {
    if (strikes(fd, "sync")) { errno = EIO; return -1; }
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    if (strikes(fd, "sync")) { errno = EIO; return -1; }
    return REAL(fdatasync)(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    if (strikes(fd, "write")) { errno = ENOSPC; return -1; }
    return REAL(pwrite)(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    if (strikes(fd, "write")) { errno = ENOSPC; return -1; }
    return REAL(pwrite64)(fd, bytes, count, offset);
}
