// SPDX-License-Identifier: Apache-2.0
// What was done to an image on its way, told by the bytes that came. Pure: nothing here reads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "core/diagnostic.hpp"
#include "core/image_format.hpp"

namespace sysb::registry {

using content_judge = std::function<carrier_format::request::content(std::span<std::byte const>)>;

struct transfer_fault {
  diag_code const* code = nullptr;
  std::string name;    // "an OpenSSL encrypted file": what a refusal calls it
  std::string detail;  // with the way out
};

// Of a file that is no image: encrypted, or with its bytes swapped. `head` is its first bytes.
[[nodiscard]] std::optional<transfer_fault> fault_of_head(std::span<std::byte const> head, content_judge const& judge);

// Of a file that is no image, where records of one stand in its first bytes.
[[nodiscard]] std::optional<transfer_fault> fault_of_start(std::span<std::byte const> head,
                                                           std::span<image_format const* const> formats);

// Of bytes in which the walk lost its way: a transfer in text mode. The first of them stands at `base` of its
// file. Without a format: of bytes that could not be unpacked.
[[nodiscard]] std::optional<transfer_fault> fault_of_bytes(std::span<std::byte const> some, std::uint64_t base,
                                                           image_format const* format);

// Of an image that is cut at this length.
[[nodiscard]] std::optional<transfer_fault> fault_of_length(std::uint64_t size);

}  // namespace sysb::registry
