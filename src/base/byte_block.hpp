// SPDX-License-Identifier: Apache-2.0
// A block of bytes that are written before they are read. A large one stands on large pages.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "base/paged_memory.hpp"

namespace sysb {

class byte_block {
 public:
  byte_block() = default;
  // Of at least `n` bytes. Throws std::bad_alloc.
  explicit byte_block(std::size_t n) {
    if (n < from_system) {
      heap_ = std::make_unique_for_overwrite<std::byte[]>(n);
      data_ = heap_.get();
      size_ = n;
      return;
    }
    if (n > SIZE_MAX - 2 * large_page) { throw std::bad_alloc{}; }
    size_ = (n + large_page - 1) / large_page * large_page;
    // More than that, for one of its bytes begins a large page; what stands before and after it goes back.
    auto const all = size_ + large_page;
    void* const p = ::mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) { throw std::bad_alloc{}; }
    auto* const begin = static_cast<std::byte*>(p);
    auto const before = (large_page - reinterpret_cast<std::uintptr_t>(p) % large_page) % large_page;
    if (before != 0) { (void)::munmap(begin, before); }
    (void)::munmap(begin + before + size_, large_page - before);
    data_ = begin + before;
    prefer_large_pages(data_, size_);
  }
  ~byte_block() {
    if (!heap_ && data_ != nullptr) { (void)::munmap(data_, size_); }
  }
  byte_block(byte_block&& o) noexcept
      : heap_{std::move(o.heap_)}, data_{std::exchange(o.data_, nullptr)}, size_{std::exchange(o.size_, 0)} {}
  byte_block& operator=(byte_block&& o) noexcept {
    std::swap(heap_, o.heap_);
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    return *this;
  }
  byte_block(byte_block const&) = delete;
  byte_block& operator=(byte_block const&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t from_system = 512u << 10;

  std::unique_ptr<std::byte[]> heap_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sysb
