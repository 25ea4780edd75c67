#pragma once
#include <list>
#include <unordered_map>
#include <utility>

namespace ek {
// A map that knows which entry was used least recently.
template <class Key, class Value, class Hash>
class Lru {
 public:
  Value* find(const Key& key) {
    const auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, at->second);
    return &at->second->second;
  }
  Value& insert(const Key& key, Value value) {
    order_.emplace_front(key, std::move(value));
    index_[key] = order_.begin();
    return order_.front().second;
  }
  Value& oldest() { return order_.back().second; }
  void drop_oldest() {
    index_.erase(order_.back().first);
    order_.pop_back();
  }
  // f(key, value) for all, the most recent first
  template <class F>
  void each(const F& f) const {
    for (const auto& entry : order_) f(entry.first, entry.second);
  }
  // Looks at all entries.
  template <class Test>
  void drop_if(const Test& test) {
    for (auto at = order_.begin(); at != order_.end();) {
      if (test(at->first, at->second)) {
        index_.erase(at->first);
        at = order_.erase(at);
      } else {
        ++at;
      }
    }
  }
  size_t size() const { return order_.size(); }

 private:
  std::list<std::pair<Key, Value>> order_;  // most recent first
  std::unordered_map<Key, typename std::list<std::pair<Key, Value>>::iterator, Hash> index_;
};
}  // namespace ek
