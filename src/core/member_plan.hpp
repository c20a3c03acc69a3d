// SPDX-License-Identifier: Apache-2.0
// What is to happen with every member. Rules of deployment implement it, the pipeline obeys it,
// and no output knows of it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.hpp"

namespace sysb {

enum class plan_action : std::uint8_t { keep, drop, replace, add };

[[nodiscard]] std::string_view to_text(plan_action a) noexcept;

struct decision {
  plan_action action = plan_action::keep;
  std::string_view rule;  // "V11", or a word for what is no rule ("selection"); static storage
  std::string reason;     // for people; empty for keep
};

// A member that the image does not hold, or holds with other content.
struct generated_member {
  entry about;  // path as images have it, with "./"
  std::vector<std::byte> content;
  std::string_view rule;
  std::string reason;
};

class member_plan {
 public:
  virtual ~member_plan() = default;
  // In image order, once a member. Must give the same answer for the same member again.
  [[nodiscard]] virtual decision decide(entry const& e) = 0;
  // After decide() said replace: new content (and metadata where it changes). `original` is the
  // member's plain content, read whole because wants_content() said so.
  [[nodiscard]] virtual bool wants_content(entry const& /*e*/) const { return false; }
  [[nodiscard]] virtual generated_member replace(entry const& e, std::span<std::byte const> original) = 0;
  // Members to add, each once, after the last member of the image.
  [[nodiscard]] virtual std::vector<generated_member> additions() = 0;
};

// Keeps everything.
class keep_all final : public member_plan {
 public:
  [[nodiscard]] decision decide(entry const&) override { return {}; }
  [[nodiscard]] generated_member replace(entry const& e, std::span<std::byte const>) override {
    return {e, {}, {}, {}};
  }
  [[nodiscard]] std::vector<generated_member> additions() override { return {}; }
};

}  // namespace sysb
