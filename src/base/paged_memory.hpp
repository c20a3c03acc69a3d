// SPDX-License-Identifier: Apache-2.0
// Memory for tables that grow: large blocks come from the system and go back to it. The heap would
// keep what a table leaves behind when it grows, in pieces of the wrong size for the next one.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <new>

namespace sysb {

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
  static constexpr std::size_t from_system = 64u << 10;
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
};

}  // namespace sysb
