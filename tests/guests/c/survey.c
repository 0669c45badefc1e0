// The probes of ../wit/survey.wit. What is in bindings/ was made of it by
//   wit-bindgen c ../wit --world survey-http --out-dir bindings      (wit-bindgen-cli 0.63.0)

#include "bindings/survey_http.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

typedef survey_http_string_t text;
typedef chaos_host_http_request_t request;
typedef chaos_host_http_response_t response;
typedef chaos_host_http_error_t failure;

static request get(const text *url) {
  request made = {.url = *url, .redirects = 0};
  survey_http_string_set(&made.method, "GET");
  return made;
}

static double milliseconds(const response *answer) { return (double)answer->elapsed_ns / 1e6; }

bool exports_test_survey_probes_mean(survey_http_list_f64_t *values, double *mean) {
  double sum = 0;
  for (size_t at = 0; at < values->len; at++) sum += values->ptr[at];
  *mean = sum / (double)values->len;
  return values->len > 0;
}

bool exports_test_survey_probes_fetch(text *url, exports_test_survey_probes_page_t *page,
                                      failure *error) {
  request asked = get(url);
  response answer;
  if (!chaos_host_http_send(&asked, &answer, error)) return false;
  page->status = answer.status;
  page->bytes = (uint32_t)answer.body.len;
  page->milliseconds = milliseconds(&answer);
  page->content_type.is_some = false;
  for (size_t at = 0; at < answer.headers.len; at++) {
    const text *name = &answer.headers.ptr[at].f0;
    const text *value = &answer.headers.ptr[at].f1;
    static const char wanted[] = "content-type";
    if (name->len == sizeof wanted - 1 && memcmp(name->ptr, wanted, name->len) == 0) {
      page->content_type.is_some = true;
      survey_http_string_dup_n(&page->content_type.val, (const char *)value->ptr, value->len);
      break;
    }
  }
  chaos_host_http_response_free(&answer);
  return true;
}

static const char *words(const failure *error) {
  switch (error->tag) {
    case CHAOS_HOST_HTTP_ERROR_DENIED: return "denied";
    case CHAOS_HOST_HTTP_ERROR_TIMED_OUT: return "timed out";
    case CHAOS_HOST_HTTP_ERROR_NOT_CONNECTED: return "not connected";
    case CHAOS_HOST_HTTP_ERROR_INVALID: return "invalid";
    default: return "broken";
  }
}

bool exports_test_survey_probes_is_up(text *url, bool *is_up, text *error) {
  request asked = get(url);
  response answer;
  failure why;
  if (!chaos_host_http_send(&asked, &answer, &why)) {
    char said[512];
    snprintf(said, sizeof said, "%.*s: %s", (int)url->len, (const char *)url->ptr, words(&why));
    survey_http_string_dup(error, said);
    chaos_host_http_error_free(&why);
    return false;
  }
  *is_up = answer.status == 200;
  chaos_host_http_response_free(&answer);
  return true;
}

bool exports_test_survey_probes_slowest(text *url, uint32_t requests, double *slowest,
                                        failure *error) {
  chaos_host_http_own_exchange_t *exchanges = calloc(requests, sizeof *exchanges);
  if (!exchanges) abort();
  for (uint32_t at = 0; at < requests; at++) {
    request asked = get(url);
    exchanges[at] = chaos_host_http_constructor_exchange(&asked);
  }
  bool all = true;
  *slowest = 0;
  for (uint32_t at = 0; at < requests; at++) {
    response answer;
    if (all && (all = chaos_host_http_method_exchange_wait(
                    chaos_host_http_borrow_exchange(exchanges[at]), &answer, error))) {
      double time = milliseconds(&answer);
      if (time > *slowest) *slowest = time;
      chaos_host_http_response_free(&answer);
    }
    chaos_host_http_exchange_drop_own(exchanges[at]);
  }
  free(exchanges);
  return all;
}

// Room for so many texts, of which none is there yet.
static survey_http_list_string_t list(size_t room) {
  text *texts = calloc(room ? room : 1, sizeof *texts);
  if (!texts) abort();
  return (survey_http_list_string_t){.ptr = texts, .len = 0};
}

static void add(survey_http_list_string_t *texts, const char *next) {
  survey_http_string_dup(&texts->ptr[texts->len++], next);
}

// What the system's two calls of this kind give: environment variables, or arguments.
static survey_http_list_string_t given(__wasi_errno_t (*sizes)(__wasi_size_t *, __wasi_size_t *),
                                       __wasi_errno_t (*values)(uint8_t **, uint8_t *)) {
  __wasi_size_t count = 0, bytes = 0;
  if (sizes(&count, &bytes) != 0) return list(0);
  survey_http_list_string_t texts = list(count);
  uint8_t **pointers = calloc(count + 1, sizeof *pointers);
  uint8_t *buffer = malloc(bytes + 1);
  if (!pointers || !buffer) abort();
  if (values(pointers, buffer) == 0) {
    for (__wasi_size_t at = 0; at < count; at++) add(&texts, (const char *)pointers[at]);
  }
  free(pointers);
  free(buffer);
  return texts;
}

void exports_test_survey_probes_look_around(exports_test_survey_probes_surroundings_t *found) {
  static const char *const places[] = {"/", ".", "/etc/passwd", "/tmp", "plugin.toml"};
  const size_t count = sizeof places / sizeof *places;
  found->environment = given(__wasi_environ_sizes_get, __wasi_environ_get);
  found->arguments = given(__wasi_args_sizes_get, __wasi_args_get);
  found->files = list(count);
  for (size_t at = 0; at < count; at++) {
    DIR *folder = opendir(places[at]);
    FILE *file = folder ? NULL : fopen(places[at], "r");
    if (folder || file) add(&found->files, places[at]);
    if (folder) closedir(folder);
    if (file) fclose(file);
  }
}

// Neither inlined nor a loop: each call has a frame of its own.
__attribute__((noinline)) uint32_t exports_test_survey_probes_descend(uint32_t depth) {
  volatile uint32_t own = depth;
  return own == 0 ? 0 : 1 + exports_test_survey_probes_descend(own - 1);
}

uint64_t exports_test_survey_probes_hoard(uint64_t bytes) {
  const size_t piece = 64 * 1024;
  uint64_t kept = 0;
  for (; kept < bytes; kept += piece) {
    volatile char *block = malloc(piece);  // volatile: else it is optimised away
    if (!block) abort();
    block[0] = 1;
  }
  return kept;
}

void exports_test_survey_probes_spin(void) {
  for (volatile uint32_t turns = 0;; turns++) {
  }
}
