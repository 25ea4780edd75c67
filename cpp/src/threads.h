// What is computed by several threads.
#pragma once
#include <stdint.h>

namespace ek {
// fn(context, i) for every i < chunks, on the pool when there is more than one chunk and the pool is free;
// else on the calling thread. Chunks are cut by shape, so results do not depend on who runs them.
void run_chunks(int64_t chunks, void (*fn)(void*, int64_t), void* context);

// Number of threads the pool may use.
int threads();

// Keeps oneDNN on the calling thread: while its primitives are made and run.
struct SingleThread {
  SingleThread();
};

// The largest power of two that is not above `most`, and at least 1: pieces which two, four or eight threads share
// evenly.
static inline int64_t even_pieces(double most) {
  int64_t pieces = 1;
  while (pieces * 2 <= most) pieces *= 2;
  return pieces;
}

// Piece i of `count` nearly equal ones of 0..n begins here.
static inline int64_t cut(int64_t n, int64_t count, int64_t i) { return n * i / count; }

// Runs f(begin, end) over 0..n in pieces of `grain` (a count that depends on the shape alone).
template <class F>
static inline void parallel(int64_t n, int64_t grain, const F& f) {
  if (n <= grain) {
    if (n > 0) f(0, n);
    return;
  }
  struct Job {
    const F* f;
    int64_t n, grain;
  } job{&f, n, grain};
  run_chunks((n + grain - 1) / grain,
             [](void* p, int64_t i) {
               const Job* j = static_cast<const Job*>(p);
               const int64_t begin = i * j->grain, end = begin + j->grain;
               (*j->f)(begin, end < j->n ? end : j->n);
             },
             &job);
}
}  // namespace ek
