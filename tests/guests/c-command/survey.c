// Some of the probes of ../wit/survey.wit, as a WASI command without any library: the name and the
// arguments come as JSON on standard input, the result goes as JSON to standard output.

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

// What follows `"key":`, or NULL. Enough for the host's JSON, whose keys here occur once.
static const char *member(const char *json, const char *key) {
  char quoted[32];
  snprintf(quoted, sizeof quoted, "\"%s\"", key);
  const char *found = strstr(json, quoted);
  if (!found) return NULL;
  found += strlen(quoted);
  while (isspace((unsigned char)*found) || *found == ':') found++;
  return found;
}

static bool is_called(const char *json, const char *name) {
  const char *given = member(json, "name");
  size_t length = strlen(name);
  return given && given[0] == '"' && strncmp(given + 1, name, length) == 0 &&
         given[1 + length] == '"';
}

static void mean(const char *json) {
  const char *next = member(json, "values");
  double sum = 0;
  unsigned count = 0;
  while (next && (*next == '[' || *next == ',')) {
    char *end;
    double value = strtod(next + 1, &end);
    if (end == next + 1) break;
    sum += value;
    count++;
    next = end;
    while (isspace((unsigned char)*next)) next++;
  }
  if (count == 0) {
    puts("null");
  } else {
    printf("%.17g\n", sum / count);
  }
}

static void look_around(int count, char **arguments) {
  static const char *const places[] = {"/", ".", "/etc/passwd", "/tmp", "plugin.toml"};
  printf("{\"environment\": [");
  for (char **next = environ; next && *next; next++) {
    printf("%s\"%s\"", next == environ ? "" : ", ", *next);
  }
  printf("], \"arguments\": [");
  for (int at = 1; at < count; at++) printf("%s\"%s\"", at == 1 ? "" : ", ", arguments[at]);
  printf("], \"files\": [");
  const char *separator = "";
  for (size_t at = 0; at < sizeof places / sizeof *places; at++) {
    DIR *folder = opendir(places[at]);
    FILE *file = folder ? NULL : fopen(places[at], "r");
    if (folder || file) {
      printf("%s\"%s\"", separator, places[at]);
      separator = ", ";
    }
    if (folder) closedir(folder);
    if (file) fclose(file);
  }
  puts("]}");
}

// Not inlined and not a loop: each call has a frame of its own.
__attribute__((noinline)) static uint32_t descend(uint32_t depth) {
  volatile uint32_t own = depth;
  return own == 0 ? 0 : 1 + descend(own - 1);
}

static bool hoard(uint64_t bytes) {
  const size_t piece = 64 * 1024;
  uint64_t kept = 0;
  for (; kept < bytes; kept += piece) {
    volatile char *block = malloc(piece);  // volatile: else it is optimised away
    if (!block) return false;
    block[0] = 1;
  }
  printf("%llu\n", (unsigned long long)kept);
  return true;
}

int main(int count, char **arguments) {
  static char json[64 * 1024];
  size_t length = fread(json, 1, sizeof json - 1, stdin);
  json[length] = 0;
  if (is_called(json, "mean")) {
    mean(json);
  } else if (is_called(json, "look_around")) {
    look_around(count, arguments);
  } else if (is_called(json, "descend")) {
    const char *depth = member(json, "depth");
    printf("%u\n", descend(depth ? (uint32_t)strtoul(depth, NULL, 10) : 0));
  } else if (is_called(json, "hoard")) {
    const char *bytes = member(json, "bytes");
    if (!hoard(bytes ? strtoull(bytes, NULL, 10) : 0)) {
      fputs("no more memory\n", stderr);
      return 1;
    }
  } else if (is_called(json, "spin")) {
    for (volatile uint32_t turns = 0;; turns++) {
    }
  } else {
    fputs("there is no such probe\n", stderr);
    return 1;
  }
  return 0;
}
