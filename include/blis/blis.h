/* BLIS for other languages: JSON in, JSON out (docs/library.md). Any number of threads may call at once. */
#ifndef BLIS_BLIS_H
#define BLIS_BLIS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call ends with: the program's exit status. */
enum {
  BLIS_OK = 0,
  BLIS_USAGE = 2,        /* a mistake in the request or the scenario */
  BLIS_INFEASIBLE = 3,   /* the model does not fit; the error has the arithmetic */
  BLIS_IO = 4,           /* a file cannot be read or written */
  BLIS_NOT_MODELLED = 5, /* the model, or a part of it */
  BLIS_BUG = 70,
  BLIS_CANCELLED = 130 /* the progress function said so */
};

/* Called every few milliseconds with how many requests, or runs of a comparison, have ended, of how many (0:
   nobody knows). A value other than 0 cancels the call. May be called from other threads, one at a time. */
typedef int (*blis_progress)(void* user, uint64_t finished, uint64_t expected);

/* Each takes one JSON object and leaves another, or the errors, in *answer, to be released with blis_free;
   `progress` may be NULL. Keys that every request may have:

     - "scenario": a path, or an object as a scenario file has it.
     - "set": keys that win over the scenario, as in {"engine.max_num_seqs": 256}.
     - "data_folder": the one with the catalogs; left out, it is found as the program finds it.

   Errors are {"errors": [{"file", "line", "column", "message", "expected", "got", "hint"}]}. */

/* The answer is result.json. "detailed": true adds the lists of each request, "detect_warmup": true finds the
   warm-up of a scenario that says none, and leaves it out. */
int blis_simulate(const char* request, blis_progress progress, void* user, char** answer);

/* The answer is compare.json. "scenario" is the path of one, or of a sweep. Further keys:

     - "vary": what takes which values, as in {"hardware.gpu": ["H100", "A100"]}.
     - "seeds": the seeds of each point, as in [0, 1].
     - "prices": US dollars for an hour of a GPU, as in {"H100": 2.5}.
     - "find": "max-rate", "min-gpus" or "min-cost" in place of all points.
     - "threads": how many run at once; 0: as many as the machine does.
     - "folder": where points are kept, and found again.
     - "detect_warmup": true leaves the longest warm-up that any point needs out of all.
     - "objectives": figures that matter, the most important first, as in ["p99_ttft_ms", "gpus"].
     - "stop_dominated": true spares later seeds of points that are worse in every objective. */
int blis_compare(const char* request, blis_progress progress, void* user, char** answer);

/* Without a run: the answers of `blis step`, `blis model` and `blis trace inspect` as JSON.

     - Steps have "set", "prefill" as in [[512, 0]] and "decode" as in [[32, 1024]].
     - Models have "model", "set" and "sequence_lengths".
     - Traces have "path" and "set". */
int blis_step(const char* request, char** answer);
int blis_model(const char* request, char** answer);
int blis_trace(const char* request, char** answer);

void blis_free(char* answer);

/* "0.1.0" */
const char* blis_version(void);

#ifdef __cplusplus
}
#endif

#endif
