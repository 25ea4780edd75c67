// The rows of the table of operations (OpCases.java), written to a file by `scripts/bench.sh ops`, one a line:
//   name TAB inputs ("2x3x9x9:last,4x3x3x3,7:i10") TAB output shape TAB settings
// Each becomes two benchmarks, forward and step, of the kernels that Java calls for it, on the same shapes.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "buffer.h"

using Dims = std::vector<int64_t>;
int64_t size_of(const Dims& dims);

struct Row {
  std::string name;          // the family, then ": " and what tells its rows apart
  std::vector<Dims> inputs;  // logical: (n, c, h, w)
  bool last = false;         // the first input lies channels-last
  Dims output;
  std::vector<double> settings;

  int64_t size(size_t input) const { return size_of(inputs[input]); }
  int64_t integer(size_t setting) const { return static_cast<int64_t>(settings.at(setting)); }
  float number(size_t setting) const { return static_cast<float>(settings.at(setting)); }
};

using Call = std::function<void()>;
// What is timed: forward alone, and forward with backward (empty without gradient).
struct Op {
  Call forward, step;
};

// Forward, and the same followed by backward.
template <class F, class G>
Op op(F forward, G backward) {
  return {forward, [=] {
            forward();
            backward();
          }};
}

// Says how the rows of a family (the name up to a colon) run; defined at namespace scope.
struct Family {
  Family(const char* name, std::function<Op(const Row&)> make);
};

// Registers the benchmarks of a file. Throws std::runtime_error naming the row that cannot be.
void register_rows(const char* file);

// ---- what several families need ----

// Elements from one index to the next in row-major order; the same where x is stretched to other dims, 0 there.
Dims strides(const Dims& dims);
Dims stretched(const Dims& x, const Dims& to);

// y = scale * sum of x over dimensions: one pass for each run of neighbouring dimensions, the innermost first.
Call sum(const Dims& dims, const std::vector<bool>& over, const Buffer& x, float scale, const Buffer& y);

// The gradient g of a stretched operand: summed over where it was stretched, to y.
Call reduce(const Dims& g_dims, const Dims& to, const Buffer& g, const Buffer& y);
