// Replacing a file as a whole: a new one is written beside it, synced, and takes its name.
#ifndef LULL_LIB_FS_REPLACE_H
#define LULL_LIB_FS_REPLACE_H

#include <limits.h>

#include "base/sys_file.h"

struct fs_replace {
  int fd;  // of the new file; -1: none
  const char *target;  // borrowed
  char path[PATH_MAX];  // of the new file; "": there is none
};

enum replace_kind {
  REPLACE_FAILED,    // errno says why
  REPLACE_FILE,      // it is a regular file, or nothing
  REPLACE_IN_PLACE,  // a pipe or a device, to be written into
};

// [target]: PATH_MAX bytes, what [path] is after following links.
enum replace_kind fs_replace_kind(const char *path, char *target);
// Makes the new file, with the mode of the old one. False, errno set: failed.
bool fs_replace_begin(struct fs_replace *r, const char *target);
// The new file takes the name. False, errno set: failed; then undo.
bool fs_replace_end(struct fs_replace *r);
// Removes the new file; keeps errno.
void fs_replace_undo(struct fs_replace *r);
// A name in the folder of [path] that is likely free: "FOLDER/PREFIXxxxxxxxxSUFFIX" in [to], PATH_MAX bytes. False, errno
// set: too long, or no random octets.
bool fs_temp_name(char *to, const char *folder, size_t folder_len, const char *prefix, const char *suffix);

#endif
