/* SPDX-License-Identifier: Apache-2.0
 * LD_PRELOAD: makes the N-th call of a kind fail, be short, or be interrupted.
 *
 *   SYSB_FAULT=KIND:N:HOW   KIND a name of the table below; N from 1; HOW a name of an error, SHORT, SLOW, or LIES: the
 *                           call says that it did what it did not.
 *                           N+ means the N-th and all after it.
 *   SYSB_FAULT=kill:N:SIGNAL  the process gets this signal (a number) at its N-th call of any kind but malloc.
 *   SYSB_FAULT_COUNTS=FILE  at the end of the process one line "KIND COUNT" for each kind is appended.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
  OPEN,
  READ,
  PREAD,
  WRITE,
  PWRITE,
  WRITEV,
  COPY,
  FSYNC,
  SYNCFS,
  FDATASYNC,
  RENAME,
  LINK,
  SYMLINK,
  MKDIR,
  CHMOD,
  CHOWN,
  UNLINK,
  CLOSE,
  FTRUNCATE,
  FALLOCATE,
  FSTAT,
  STATVFS,
  MMAP,
  THREAD,
  MALLOC,
  RANDOM,
  TMPFILE,
  TIMES,
  KINDS
};
static char const* const names[KINDS] = {
    "open",    "read",   "pread",          "write",  "pwrite",    "writev",    "copy_file_range",
    "fsync",   "syncfs", "fdatasync",      "rename", "link",      "symlink",   "mkdir",
    "chmod",   "chown",  "unlink",         "close",  "ftruncate", "fallocate", "fstat",
    "statvfs", "mmap",   "pthread_create", "malloc", "getrandom", "tmpfile",
    "times"};
static const struct {
  char const* name;
  int number;
} errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EINTR", EINTR},
              {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"ESTALE", ESTALE},
              {"EAGAIN", EAGAIN}, {"EPERM", EPERM},   {"EROFS", EROFS},   {"EOPNOTSUPP", EOPNOTSUPP},
              {"EINVAL", EINVAL}};

static atomic_ulong counts[KINDS], calls;
static int wanted = -1, kill_with, error_number, is_short, is_slow, is_lie, and_after;
static unsigned long wanted_n;
static __thread int inside;

__attribute__((constructor)) static void begin(void) {
  char const* text = getenv("SYSB_FAULT");
  char kind[32], how[16];
  char n[24];
  if (text == NULL || sscanf(text, "%31[^:]:%23[^:]:%15s", kind, n, how) != 3) { return; }
  wanted_n = strtoul(n, NULL, 10);
  and_after = n[strlen(n) - 1] == '+';
  if (strcmp(kind, "kill") == 0) {
    kill_with = atoi(how);
    return;
  }
  is_short = strcmp(how, "SHORT") == 0;
  is_slow = strcmp(how, "SLOW") == 0;
  is_lie = strcmp(how, "LIES") == 0;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; ++i) {
    if (strcmp(errors[i].name, how) == 0) { error_number = errors[i].number; }
  }
  for (int i = 0; i < KINDS; ++i) {
    if (strcmp(names[i], kind) == 0) { wanted = i; }
  }
}

__attribute__((destructor)) static void end(void) {
  char const* path = getenv("SYSB_FAULT_COUNTS");
  if (path == NULL) { return; }
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  char line[64];
  int all = snprintf(line, sizeof line, "kill %lu\n", atomic_load(&calls));
  if (fd >= 0) { (void)!syscall(SYS_write, fd, line, (size_t)all); }
  for (int i = 0; fd >= 0 && i < KINDS; ++i) {
    int len = snprintf(line, sizeof line, "%s %lu\n", names[i], atomic_load(&counts[i]));
    (void)!syscall(SYS_write, fd, line, (size_t)len);
  }
  if (fd >= 0) { syscall(SYS_close, fd); }
}

/* True where this call is the one. */
static int hit(enum kind k) {
  unsigned long n = atomic_fetch_add(&counts[k], 1) + 1;
  if (k != MALLOC && atomic_fetch_add(&calls, 1) + 1 == wanted_n && kill_with != 0) { kill(getpid(), kill_with); }
  if ((int)k != wanted || (and_after ? n < wanted_n : n != wanted_n)) { return 0; }
  if (is_slow) {
    usleep(200000);
    return 0;
  }
  return 1;
}

#define REAL(name)                                     \
  static __typeof__(&name) real;                       \
  if (real == NULL) {                                  \
    ++inside;                                          \
    real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
    --inside;                                          \
  }
#define FAIL(kind)              \
  if (hit(kind) && !is_short) { \
    if (is_lie) { return 0; }   \
    errno = error_number;       \
    return -1;                  \
  }
/* A short transfer moves half of what was asked for, at least one byte. */
#define FAIL_OR_SHORT(kind, size)      \
  if (hit(kind)) {                     \
    if (!is_short) {                   \
      errno = error_number;            \
      return -1;                       \
    }                                  \
    size = size > 1 ? size / 2 : size; \
  }

#define OPEN_LIKE(name)                                     \
  int name(char const* path, int flags, ...) {              \
    mode_t mode = 0;                                        \
    if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {   \
      va_list a;                                            \
      va_start(a, flags);                                   \
      mode = va_arg(a, mode_t);                             \
      va_end(a);                                            \
    }                                                       \
    REAL(name)                                              \
    FAIL((flags & O_TMPFILE) == O_TMPFILE ? TMPFILE : OPEN) \
    return real(path, flags, mode);                         \
  }
OPEN_LIKE(open)
OPEN_LIKE(open64)
#define OPENAT_LIKE(name)                                   \
  int name(int at, char const* path, int flags, ...) {      \
    mode_t mode = 0;                                        \
    if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {   \
      va_list a;                                            \
      va_start(a, flags);                                   \
      mode = va_arg(a, mode_t);                             \
      va_end(a);                                            \
    }                                                       \
    REAL(name)                                              \
    FAIL((flags & O_TMPFILE) == O_TMPFILE ? TMPFILE : OPEN) \
    return real(at, path, flags, mode);                     \
  }
OPENAT_LIKE(openat)
OPENAT_LIKE(openat64)

ssize_t read(int fd, void* p, size_t n) { REAL(read) FAIL_OR_SHORT(READ, n) return real(fd, p, n); }
ssize_t write(int fd, void const* p, size_t n) { REAL(write) FAIL_OR_SHORT(WRITE, n) return real(fd, p, n); }
ssize_t pread(int fd, void* p, size_t n, off_t at) { REAL(pread) FAIL_OR_SHORT(PREAD, n) return real(fd, p, n, at); }
ssize_t pread64(int fd, void* p, size_t n, off64_t at) {
  REAL(pread64) FAIL_OR_SHORT(PREAD, n) return real(fd, p, n, at);
}
ssize_t pwrite(int fd, void const* p, size_t n, off_t at) {
  REAL(pwrite) FAIL_OR_SHORT(PWRITE, n) return real(fd, p, n, at);
}
ssize_t pwrite64(int fd, void const* p, size_t n, off64_t at) {
  REAL(pwrite64) FAIL_OR_SHORT(PWRITE, n) return real(fd, p, n, at);
}
ssize_t writev(int fd, const struct iovec* v, int n) { REAL(writev) FAIL(WRITEV) return real(fd, v, n); }
ssize_t pwritev(int fd, const struct iovec* v, int n, off_t at) {
  REAL(pwritev) FAIL(WRITEV) return real(fd, v, n, at);
}
ssize_t pwritev64(int fd, const struct iovec* v, int n, off64_t at) {
  REAL(pwritev64) FAIL(WRITEV) return real(fd, v, n, at);
}
ssize_t copy_file_range(int from, off64_t* a, int to, off64_t* b, size_t n, unsigned flags) {
  REAL(copy_file_range) FAIL_OR_SHORT(COPY, n) return real(from, a, to, b, n, flags);
}
int fsync(int fd) { REAL(fsync) FAIL(FSYNC) return real(fd); }
int syncfs(int fd) { REAL(syncfs) FAIL(SYNCFS) return real(fd); }
int fdatasync(int fd) { REAL(fdatasync) FAIL(FDATASYNC) return real(fd); }
int rename(char const* a, char const* b) { REAL(rename) FAIL(RENAME) return real(a, b); }
int renameat(int x, char const* a, int y, char const* b) { REAL(renameat) FAIL(RENAME) return real(x, a, y, b); }
int renameat2(int x, char const* a, int y, char const* b, unsigned f) {
  REAL(renameat2) FAIL(RENAME) return real(x, a, y, b, f);
}
int linkat(int x, char const* a, int y, char const* b, int f) { REAL(linkat) FAIL(LINK) return real(x, a, y, b, f); }
int symlinkat(char const* a, int y, char const* b) { REAL(symlinkat) FAIL(SYMLINK) return real(a, y, b); }
int mkdir(char const* a, mode_t m) { REAL(mkdir) FAIL(MKDIR) return real(a, m); }
int mkdirat(int x, char const* a, mode_t m) { REAL(mkdirat) FAIL(MKDIR) return real(x, a, m); }
int fchmod(int fd, mode_t m) { REAL(fchmod) FAIL(CHMOD) return real(fd, m); }
int fchmodat(int x, char const* a, mode_t m, int f) { REAL(fchmodat) FAIL(CHMOD) return real(x, a, m, f); }
int fchown(int fd, uid_t u, gid_t g) { REAL(fchown) FAIL(CHOWN) return real(fd, u, g); }
int fchownat(int x, char const* a, uid_t u, gid_t g, int f) { REAL(fchownat) FAIL(CHOWN) return real(x, a, u, g, f); }
int futimens(int fd, const struct timespec t[2]) { REAL(futimens) FAIL(TIMES) return real(fd, t); }
int utimensat(int x, char const* a, const struct timespec t[2], int f) {
  REAL(utimensat) FAIL(TIMES) return real(x, a, t, f);
}
int unlink(char const* a) { REAL(unlink) FAIL(UNLINK) return real(a); }
int unlinkat(int x, char const* a, int f) { REAL(unlinkat) FAIL(UNLINK) return real(x, a, f); }
int close(int fd) {
  REAL(close)
  if (hit(CLOSE) && !is_short) {
    real(fd); /* as Linux does: the descriptor is gone whatever it says */
    errno = error_number;
    return -1;
  }
  return real(fd);
}
int ftruncate(int fd, off_t n) { REAL(ftruncate) FAIL(FTRUNCATE) return real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64) FAIL(FTRUNCATE) return real(fd, n); }
int fallocate(int fd, int m, off_t a, off_t n) { REAL(fallocate) FAIL(FALLOCATE) return real(fd, m, a, n); }
int fallocate64(int fd, int m, off64_t a, off64_t n) { REAL(fallocate64) FAIL(FALLOCATE) return real(fd, m, a, n); }
int fstat(int fd, struct stat* s) { REAL(fstat) FAIL(FSTAT) return real(fd, s); }
int fstat64(int fd, struct stat64* s) { REAL(fstat64) FAIL(FSTAT) return real(fd, s); }
int fstatat(int x, char const* a, struct stat* s, int f) { REAL(fstatat) FAIL(FSTAT) return real(x, a, s, f); }
int fstatat64(int x, char const* a, struct stat64* s, int f) { REAL(fstatat64) FAIL(FSTAT) return real(x, a, s, f); }
int stat(char const* a, struct stat* s) { REAL(stat) FAIL(FSTAT) return real(a, s); }
int stat64(char const* a, struct stat64* s) { REAL(stat64) FAIL(FSTAT) return real(a, s); }
int lstat64(char const* a, struct stat64* s) { REAL(lstat64) FAIL(FSTAT) return real(a, s); }
int statx(int x, char const* restrict a, int f, unsigned m, struct statx* restrict s) {
  REAL(statx) FAIL(FSTAT) return real(x, a, f, m, s);
}
int statvfs64(char const* a, struct statvfs64* s) { REAL(statvfs64) FAIL(STATVFS) return real(a, s); }
ssize_t getrandom(void* p, size_t n, unsigned f) { REAL(getrandom) FAIL(RANDOM) return real(p, n, f); }
void* mmap64(void* a, size_t n, int p, int f, int fd, off64_t at) {
  REAL(mmap64)
  if (hit(MMAP) && !is_short) {
    errno = error_number;
    return MAP_FAILED;
  }
  return real(a, n, p, f, fd, at);
}
int pthread_create(pthread_t* t, pthread_attr_t const* a, void* (*run)(void*), void* arg) {
  REAL(pthread_create)
  if (hit(THREAD) && !is_short) { return error_number; }
  return real(t, a, run, arg);
}
extern void* __libc_malloc(size_t);
/* libarchive 3.6.2 follows a null pointer where it finds no memory; nobody who calls it can help that. */
static uintptr_t archive_from, archive_to;
static int find_archive(struct dl_phdr_info* o, size_t size, void* unused) {
  (void)size, (void)unused;
  if (o->dlpi_name == NULL || strstr(o->dlpi_name, "libarchive.so") == NULL) { return 0; }
  for (int i = 0; i < o->dlpi_phnum; ++i) {
    if (o->dlpi_phdr[i].p_type != PT_LOAD) { continue; }
    uintptr_t const from = o->dlpi_addr + o->dlpi_phdr[i].p_vaddr, to = from + o->dlpi_phdr[i].p_memsz;
    if (archive_from == 0 || from < archive_from) { archive_from = from; }
    if (to > archive_to) { archive_to = to; }
  }
  return 1;
}
__attribute__((constructor)) static void look_for_archive(void) { dl_iterate_phdr(find_archive, NULL); }
void* malloc(size_t n) {
  uintptr_t const caller = (uintptr_t)__builtin_return_address(0);
  if (caller >= archive_from && caller < archive_to) { return __libc_malloc(n); }
  if (!inside && hit(MALLOC) && !is_short) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_malloc(n);
}
