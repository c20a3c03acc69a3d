// SPDX-License-Identifier: Apache-2.0
// Memory for tables that grow: large blocks come from the system and go back to it. The heap would
// keep what a table leaves behind when it grows, in pieces of the wrong size for the next one.
#pragma once
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace sysb {

inline constexpr std::size_t large_page = 2u << 20;

// The first touch of each ordinary page is a trap, which costs microseconds in a virtual machine; a large one stands for
// 512 of them. `p` is what mmap gave, and this is about all of it: of a part, mremap would refuse the whole. A kernel
// without large pages refuses, and nothing is lost.
inline void prefer_large_pages(void* p, std::size_t bytes) noexcept { (void)::madvise(p, bytes, MADV_HUGEPAGE); }

// An allocator for standard containers.
template <typename T>
struct paged_memory {
  using value_type = T;

  paged_memory() = default;
  template <typename U>
  // An allocator of one type is made of that of another.
  // NOLINTNEXTLINE(google-explicit-constructor)
  paged_memory(paged_memory<U> const&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) { throw std::bad_array_new_length{}; }
    auto const bytes = n * sizeof(T);
    if (bytes < from_system) { return static_cast<T*>(::operator new(bytes)); }
    void* const p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) { throw std::bad_alloc{}; }
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t n) noexcept {
    auto const bytes = n * sizeof(T);
    if (bytes < from_system) {
      ::operator delete(p);
    } else {
      ::munmap(p, bytes);
    }
  }
  friend bool operator==(paged_memory const&, paged_memory const&) noexcept { return true; }

 private:
  template <typename U>
  friend class paged_array;
  static constexpr std::size_t from_system = 64u << 10;
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
};

// An array that grows where it stands: a large one keeps its pages, and no second one is needed meanwhile.
template <typename T>
class paged_array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  paged_array() = default;
  ~paged_array() {
    if (data_ != nullptr) { memory_.deallocate(data_, size_); }
  }
  paged_array(paged_array&& o) noexcept : data_{std::exchange(o.data_, nullptr)}, size_{std::exchange(o.size_, 0)} {}
  paged_array& operator=(paged_array&& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    return *this;
  }
  paged_array(paged_array const&) = delete;
  paged_array& operator=(paged_array const&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T* data() noexcept { return data_; }
  [[nodiscard]] T const* data() const noexcept { return data_; }

  // To more than there are. What is new has no value yet. Throws std::bad_alloc; then it is as before.
  void grow(std::size_t n) {
    constexpr auto large = paged_memory<T>::from_system;
    if (data_ != nullptr && size_ * sizeof(T) >= large) {
      if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) { throw std::bad_array_new_length{}; }
      void* const p = ::mremap(data_, size_ * sizeof(T), n * sizeof(T), MREMAP_MAYMOVE);
      if (p == MAP_FAILED) { throw std::bad_alloc{}; }
      data_ = static_cast<T*>(p);
      // Not of less: the last one may be all but empty.
      if (n * sizeof(T) >= 2 * large_page) { prefer_large_pages(p, n * sizeof(T)); }
    } else {
      auto* const larger = memory_.allocate(n);
      if (data_ != nullptr) {
        std::memcpy(larger, data_, size_ * sizeof(T));
        memory_.deallocate(data_, size_);
      }
      data_ = larger;
    }
    size_ = n;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
  [[no_unique_address]] paged_memory<T> memory_;
};

// A list that only grows, on such an array: pages that it does not use yet take no memory.
template <typename T>
class paged_list {
 public:
  void push_back(T const& v) {
    make_room(1);
    room_.data()[size_++] = v;
  }
  void append(T const* from, std::size_t n) {
    if (n == 0) { return; }
    make_room(n);
    std::memcpy(room_.data() + size_, from, n * sizeof(T));
    size_ += n;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] T* data() noexcept { return room_.data(); }
  [[nodiscard]] T const* data() const noexcept { return room_.data(); }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return room_.data()[i]; }
  [[nodiscard]] T const& operator[](std::size_t i) const noexcept { return room_.data()[i]; }
  [[nodiscard]] T* begin() noexcept { return room_.data(); }
  [[nodiscard]] T* end() noexcept { return room_.data() + size_; }
  [[nodiscard]] T const* begin() const noexcept { return room_.data(); }
  [[nodiscard]] T const* end() const noexcept { return room_.data() + size_; }
  [[nodiscard]] T& back() noexcept { return room_.data()[size_ - 1]; }

 private:
  // Pages are moved seldom: where they stand in memory is lost with it, and costs more than room that nobody uses.
  void make_room(std::size_t n) {
    constexpr std::size_t large = (8u << 20) / sizeof(T);
    if (n > room_.size() - size_) {
      room_.grow(std::max((room_.size() < large ? 8 : 2) * room_.size(), size_ + n + 16));
    }
  }

  paged_array<T> room_;
  std::size_t size_ = 0;
};

}  // namespace sysb
