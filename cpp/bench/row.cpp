#include "row.h"

#include <benchmark/benchmark.h>

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace {
std::map<std::string, std::function<Op(const Row&)>>& families() {
  static std::map<std::string, std::function<Op(const Row&)>> map;
  return map;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

Dims dims(const std::string& text) {
  Dims d;
  if (text == "scalar") return d;
  for (const std::string& extent : split(text, 'x')) d.push_back(std::stoll(extent));
  return d;
}

Row parse(const std::string& line) {
  const auto fields = split(line, '\t');
  if (fields.size() < 3) throw std::runtime_error("expected name, inputs, output and settings between tabs: " + line);
  Row row;
  row.name = fields[0];
  for (const std::string& input : split(fields[1], ',')) {
    const auto parts = split(input, ':');
    row.last = row.last || (parts.size() > 1 && parts[1] == "last");
    row.inputs.push_back(dims(parts[0]));
  }
  row.output = dims(fields[2]);
  if (fields.size() > 3)
    for (const std::string& s : split(fields[3], ' ')) row.settings.push_back(std::stod(s));
  return row;
}

// The data of a row is made when it is run, and freed after it.
void register_row(const Row& row, const std::function<Op(const Row&)>& make, const char* direction, Call Op::*call) {
  benchmark::RegisterBenchmark((row.name + "/" + direction).c_str(), [=](benchmark::State& state) {
    const Op op = make(row);
    const Call& run = op.*call;
    if (!run) state.SkipWithError("no gradient");
    for (auto _ : state) run();
  })->UseRealTime();
}
}  // namespace

Family::Family(const char* name, std::function<Op(const Row&)> make) { families()[name] = std::move(make); }

void register_rows(const char* file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(std::string("cannot read ") + file);
  for (std::string line; std::getline(in, line);) {
    const Row row = parse(line);
    const auto family = families().find(row.name.substr(0, row.name.find(':')));
    if (family == families().end()) throw std::runtime_error("no family in cpp/bench for the row " + row.name);
    register_row(row, family->second, "forward", &Op::forward);
    register_row(row, family->second, "step", &Op::step);
  }
}

int64_t size_of(const Dims& dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  return n;
}

Dims strides(const Dims& dims) {
  Dims s(dims.size());
  int64_t step = 1;
  for (size_t i = dims.size(); i-- > 0; step *= dims[i]) s[i] = step;
  return s;
}

Dims stretched(const Dims& x, const Dims& to) {
  Dims s(to.size()), own = strides(x);
  for (size_t i = 0; i < x.size(); ++i) s[to.size() - x.size() + i] = x[i] == 1 ? 0 : own[i];
  return s;
}

Call sum(const Dims& dims, const std::vector<bool>& over, const Buffer& x, float scale, const Buffer& y) {
  std::vector<Call> passes;
  Buffer from = x;
  int64_t inner = 1, size = size_of(dims), left = 1;
  for (size_t i = 0; i < dims.size(); ++i) left *= over[i] ? 1 : dims[i];
  for (size_t i = dims.size(); i-- > 0;) {
    int64_t n = 1;
    for (; over[i] || dims[i] == 1; --i) {
      n *= dims[i];
      if (i == 0) break;
    }
    if (n > 1) {
      size /= n;
      const bool done = size == left;
      const Buffer to = done ? y : Buffer(size);
      const int64_t outer = size / inner, in = inner;
      const float factor = done ? scale : 1;
      passes.push_back([=] { ek_sum(outer, n, in, from, factor, to); });
      from = to;
    }
    inner *= over[i] ? 1 : dims[i];
  }
  return [=] {
    for (const Call& pass : passes) pass();
  };
}

Call reduce(const Dims& g_dims, const Dims& to, const Buffer& g, const Buffer& y) {
  std::vector<bool> over(g_dims.size());
  const size_t skip = g_dims.size() - to.size();
  for (size_t i = 0; i < g_dims.size(); ++i) over[i] = i < skip || (to[i - skip] == 1 && g_dims[i] > 1);
  return sum(g_dims, over, g, 1, y);
}
