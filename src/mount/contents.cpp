// SPDX-License-Identifier: Apache-2.0
#include "mount/contents.hpp"

#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/os/transfer.hpp"
#include "base/scratch_buffer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "pipeline/content_job.hpp"

namespace sysb::mount {

namespace {

constexpr std::uint64_t small = pipeline::small_member_bytes;
constexpr std::size_t piece_size = pipeline::piece_bytes;
constexpr std::size_t kept_unpackers = 12;
constexpr std::uint64_t soon_unpacked = 32u << 10;  // no longer than it takes to wake somebody

[[nodiscard]] bool is_small(node_content const& p) noexcept { return p.data.size <= small && p.data.stored <= small; }

[[nodiscard]] std::uint64_t piece_length(node_content const& p, std::uint64_t number) noexcept {
  return std::min<std::uint64_t>(p.data.size - number * piece_size, piece_size);
}

}  // namespace

contents::contents(byte_source& source, image_reader const& reader, std::uint64_t members, std::uint64_t cache_bytes,
                   log_line log)
    : source_{source},
      reader_{reader},
      run_{reader.file()},
      cache_{cache_bytes},
      log_{std::move(log)},
      told_(static_cast<std::size_t>(members / 8 + 1)),
      proven_(static_cast<std::size_t>(members / 8 + 1)) {
  struct statfs where {};
  in_memory_ = run_ && ::fstatfs(run_->fd, &where) == 0 && where.f_type == TMPFS_MAGIC;
}

bool contents::has(std::vector<std::atomic<std::uint8_t>> const& bits, std::uint64_t member) {
  auto const at = static_cast<std::size_t>(member / 8);
  return at < bits.size() && (bits[at].load() >> (member % 8) & 1u) != 0;
}

bool contents::first_time(std::vector<std::atomic<std::uint8_t>>& bits, std::uint64_t member) {
  auto const at = static_cast<std::size_t>(member / 8);
  if (at >= bits.size()) { return true; }
  auto const bit = static_cast<std::uint8_t>(1u << (member % 8));
  return (bits[at].fetch_or(bit) & bit) == 0;
}

int contents::refuse(node_content const& p, std::string_view why) {
  if (first_time(told_, p.member)) { log_(concat(printable(p.data.path), ": cannot be read: ", why)); }
  return EIO;
}

int contents::still_the_image() {
  if (changed_.load()) { return EIO; }
  try {
    source_.check_unchanged();
    return 0;
  } catch (fatal_error const&) {}
  if (!changed_.exchange(true)) {
    log_("the image changed since it was mounted (size or time differ): nothing more is read from it; unmount it");
  }
  return EIO;
}

// The kernel had them in memory: nobody waited.
bool contents::read_at_hand(std::uint64_t offset, std::span<std::byte> out) const {
  iovec const to{out.data(), out.size()};
  return ::preadv2(run_->fd, &to, 1, static_cast<off_t>(run_->base + offset), RWF_NOWAIT) ==
         static_cast<ssize_t>(out.size());
}

// The image's own bytes; false where they are not there, or cannot be read.
bool contents::read_stored(std::uint64_t offset, std::span<std::byte> out) {
  // A file system that cannot tell what is at hand may be far away, but for the one that is nothing but memory.
  if (!in_memory_) {
    if (run_ && read_at_hand(offset, out)) { return true; }
    slow();
  }
  if (run_) {
    auto const got = read_fully_at(run_->fd, out, run_->base + offset);
    return got.error == 0 && got.bytes == out.size();
  }
  std::lock_guard const hold{source_lock_};
  try {
    source_.seek(offset);
    while (!out.empty()) {
      auto const seen = source_.peek(std::min(out.size(), piece_size));
      auto const n = std::min(seen.size(), out.size());
      if (n == 0) { return false; }
      std::memcpy(out.data(), seen.data(), n);
      source_.consume(n);
      out = out.subspan(n);
    }
    return true;
  } catch (fatal_error const&) { return false; }
}

bool contents::header_proven(node_content const& p, std::string& why) {
  std::vector<std::byte> head(index::head_bytes(p.data));
  if (!read_stored(p.data.offset, head)) {
    why = "its record cannot be read";
    return false;
  }
  if (index::head_hash_of(head) == p.facts.head_hash) { return true; }
  why = "the image does not hold the record any more that its catalog names";
  return false;
}

// A small member, whole and proven; null with a reason.
content_piece contents::load(node_content const& p, std::string& why) {
  auto const head = index::head_bytes(p.data);
  auto const gap = static_cast<std::size_t>(p.data.content_offset - p.data.offset);
  auto const size = static_cast<std::size_t>(p.data.stored);
  thread_local scratch_buffer of_thread;
  auto const room = of_thread.at_least(head + size);
  // Header and content in one read, but for one that is longer than anybody looks at.
  if (gap == head) {
    auto const record = room.first(head + size);
    if (!read_stored(p.data.offset, record)) {
      why = "its content cannot be read: the image is cut, or its medium fails";
      return nullptr;
    }
    if (index::head_hash_of(record.first(head)) != p.facts.head_hash) {
      why = "the image does not hold the record any more that its catalog names";
      return nullptr;
    }
    return unpack_small(p, record.subspan(head), why);
  }
  if (!header_proven(p, why)) { return nullptr; }
  auto const stored = room.first(size);
  if (!read_stored(p.data.content_offset, stored)) {
    why = "its content cannot be read: the image is cut, or its medium fails";
    return nullptr;
  }
  return unpack_small(p, stored, why);
}

content_piece contents::unpack_small(node_content const& p, std::span<std::byte const> stored, std::string& why) {
  auto out = std::make_shared<std::vector<std::byte>>();
  if (!p.data.packed) {
    out->assign(stored.begin(), stored.end());
  } else {
    out->reserve(static_cast<std::size_t>(p.data.size));
    pipeline::content_tools tools;
    tools.decoder = reader_.make_decoder();
    auto const done = pipeline::run_content(
        {.stored = p.data.stored, .plain = p.data.size, .packed = true}, tools, pipeline::one_piece(stored),
        [&](std::span<std::byte const> b) { out->insert(out->end(), b.begin(), b.end()); });
    if (done.fault != nullptr) {
      why = concat(done.fault->title, done.fault_text.empty() ? "" : ": ", done.fault_text, " [", done.fault->id, ']');
      return nullptr;
    }
  }
  if (out->size() != p.data.size) {
    why = concat("it has ", out->size(), " bytes, its header says ", p.data.size);
    return nullptr;
  }
  if (p.facts.digest && digest_of(*out) != *p.facts.digest) {
    why = "its content is not the one that the index was made of";
    return nullptr;
  }
  return out;
}

void contents::begin(unpacker& u, node_content const& p) const {
  if (!u.decoder) { u.decoder = reader_.make_decoder(); }
  u.decoder->reset(p.data.stored, p.data.size);
  u.in.resize(piece_size);
  u.rest = {};
  u.member = p.member;
  u.stored_at = u.next = 0;
}

// Null with a reason: it does not unpack.
content_piece contents::next_piece(unpacker& u, node_content const& p, std::string& why) {
  auto out = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(piece_length(p, u.next)));
  auto const last = (u.next + 1) * piece_size >= p.data.size;
  std::span<std::byte> room{*out};
  for (;;) {
    auto const status = u.decoder->decode(u.rest, room);
    if (status == content_decoder::status::failed) {
      why = concat(u.decoder->error()->title, ": ", u.decoder->error_text(), " [", u.decoder->error()->id, ']');
      return nullptr;
    }
    auto const done = status == content_decoder::status::done;
    // The last piece is whole only once the end was proven.
    if (done || (room.empty() && !last)) {
      if (!room.empty() || done != last) {
        why = "it does not unpack to the size that its header says";
        return nullptr;
      }
      ++u.next;
      return out;
    }
    if (status == content_decoder::status::need_output) {
      why = "it unpacks to more than its header says";
      return nullptr;
    }
    auto const left = p.data.stored - u.stored_at;
    if (left == 0) {
      why = "its stored bytes end early";
      return nullptr;
    }
    auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(left, u.in.size()));
    if (!read_stored(p.data.content_offset + u.stored_at, std::span{u.in}.first(n))) {
      why = "its content cannot be read: the image is cut, or its medium fails";
      return nullptr;
    }
    u.stored_at += n;
    u.rest = std::span{u.in}.first(n);
  }
}

// All of a large packed member, once.
bool contents::unpacks(node_content const& p, std::string& why) {
  slow();
  unpacker u;
  begin(u, p);
  digester digest;
  digest.reset();
  auto const kept = cache_.limit() / 2 / piece_size;  // its beginning, and room for others
  auto const pieces = (p.data.size + piece_size - 1) / piece_size;
  while (u.next < pieces) {
    auto const number = u.next;
    auto const got = next_piece(u, p, why);
    if (!got) { return false; }
    if (p.facts.digest) { digest.update(*got); }
    if (number < kept) { cache_.put(p.member, number, got); }
  }
  if (p.facts.digest && digest.value() != *p.facts.digest) {
    why = "its content is not the one that the index was made of";
    return false;
  }
  return true;
}

contents::opened contents::open(node_content const& p) {
  switch (p.from) {
    case node_content::source::none:
    case node_content::source::memory: return {};
    case node_content::source::refused: return {.error = refuse(p, p.why)};
    case node_content::source::image: break;
  }
  if (auto const error = still_the_image(); error != 0) { return {.error = error}; }
  std::string why;
  bool good = false;
  content_piece whole;
  if (is_small(p)) {
    whole = small_one(p, why);
    good = whole != nullptr;
  } else if (!p.data.packed) {
    good = header_proven(p, why);
  } else {
    good = header_proven(p, why);
    if (good && !has(proven_, p.member)) {
      slow();
      std::lock_guard const alone{work_[p.member % work_.size()]};
      good = has(proven_, p.member) || unpacks(p, why);
      if (good) { (void)first_time(proven_, p.member); }
    }
  }
  // Whatever was read: of another image it proves nothing.
  if (auto const error = still_the_image(); error != 0) { return {.error = error}; }
  return {.error = good ? 0 : refuse(p, why), .whole = std::move(whole)};
}

// Null with a reason. Kept is what cost something to unpack, or is asked for several times until it was read.
content_piece contents::small_one(node_content const& p, std::string& why) {
  if (!p.data.packed && p.data.size <= one_request) { return load(p, why); }
  if (auto kept = cache_.get(p.member, 0)) { return kept; }
  if (p.data.packed && p.data.size > soon_unpacked) { slow(); }
  std::lock_guard const alone{work_[p.member % work_.size()]};
  if (auto kept = cache_.get(p.member, 0)) { return kept; }
  auto out = load(p, why);
  if (out) { cache_.put(p.member, 0, out); }
  return out;
}

// An unpacker of this member that has not passed the piece, or another one to start with.
class contents::lease {
 public:
  lease(contents& of, node_content const& p, std::uint64_t number) : of_{of} {
    std::unique_lock hold{of_.unpackers_lock_};
    unpacker* best = nullptr;
    unpacker* oldest = nullptr;
    for (auto const& u : of_.unpackers_) {
      if (u->busy) { continue; }
      auto const fits = u->member == p.member && u->next <= number;
      if (fits && (best == nullptr || u->next > best->next)) { best = u.get(); }
      if (oldest == nullptr || u->used < oldest->used) { oldest = u.get(); }
    }
    auto const fresh = best == nullptr;
    if (fresh && (of_.unpackers_.size() < kept_unpackers || oldest == nullptr)) {
      of_.unpackers_.push_back(std::make_unique<unpacker>());
      best = of_.unpackers_.back().get();
    } else if (fresh) {
      best = oldest;
    }
    unpacker_ = best;
    unpacker_->busy = true;
    unpacker_->used = ++of_.clock_;
    hold.unlock();
    if (fresh) { of_.begin(*unpacker_, p); }
  }
  ~lease() {
    std::lock_guard const hold{of_.unpackers_lock_};
    unpacker_->busy = false;
  }
  lease(lease const&) = delete;
  lease& operator=(lease const&) = delete;
  [[nodiscard]] unpacker& operator*() const noexcept { return *unpacker_; }

 private:
  contents& of_;
  unpacker* unpacker_ = nullptr;
};

// A piece of a large packed member; null: it does not unpack any more.
content_piece contents::piece(node_content const& p, std::uint64_t number) {
  if (auto kept = cache_.get(p.member, number)) { return kept; }
  slow();
  // The kernel reads ahead with several requests at a time: the one that waited finds its piece in the cache.
  std::lock_guard const alone{work_[p.member % work_.size()]};
  if (auto kept = cache_.get(p.member, number)) { return kept; }
  lease const l{*this, p, number};
  auto& u = *l;
  std::string why;
  for (;;) {
    auto const here = u.next;
    auto out = next_piece(u, p, why);
    if (!out) {
      u.member = ~std::uint64_t{0};
      if (still_the_image() == 0) { (void)refuse(p, why); }
      return nullptr;
    }
    cache_.put(p.member, here, out);
    if (here == number) { return out; }
  }
}

int contents::read(node_content const& p, std::uint64_t offset, std::span<std::byte> out, std::size_t& got) {
  got = 0;
  auto const size = p.from == node_content::source::memory  ? p.bytes->size()
                    : p.from == node_content::source::image ? p.data.size
                                                            : 0;
  if (offset >= size) { return 0; }
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size - offset)));
  if (p.from == node_content::source::memory) {
    std::memcpy(out.data(), p.bytes->data() + offset, out.size());
    got = out.size();
    return 0;
  }
  if (is_small(p)) {
    std::string why;
    auto const whole = small_one(p, why);
    if (!whole) {
      auto const error = still_the_image();
      return error != 0 ? error : refuse(p, why);
    }
    std::memcpy(out.data(), whole->data() + offset, out.size());
    got = out.size();
    return still_the_image();
  }
  if (!p.data.packed) {
    auto const whole = read_stored(p.data.content_offset + offset, out);
    if (auto const error = still_the_image(); error != 0) { return error; }
    if (!whole) { return refuse(p, "its content cannot be read: the image is cut, or its medium fails"); }
    got = out.size();
    return 0;
  }
  while (got < out.size()) {
    auto const at = offset + got;
    auto const one = piece(p, at / piece_size);
    if (!one) { return EIO; }
    auto const from = static_cast<std::size_t>(at % piece_size);
    auto const n = std::min(one->size() - from, out.size() - got);
    std::memcpy(out.data() + got, one->data() + from, n);
    got += n;
  }
  return still_the_image();
}

std::vector<std::byte> contents::whole(node_content const& p, std::uint64_t limit) {
  auto const fail = [&](std::string_view why) {
    return fatal_error{fatal_error::kind::damaged, std::string{why}, p.data.offset, p.data.path};
  };
  if (p.data.size > limit) { throw fail("it is too large to be read whole"); }
  std::vector<std::byte> out(static_cast<std::size_t>(p.from == node_content::source::none ? 0 : p.data.size));
  std::size_t got = 0;
  if (open(p).error != 0 || read(p, 0, out, got) != 0 || got != out.size()) { throw fail("it cannot be read"); }
  return out;
}

}  // namespace sysb::mount
