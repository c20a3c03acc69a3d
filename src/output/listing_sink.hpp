// SPDX-License-Identifier: Apache-2.0
// A sink that writes a line a member, in the order of the image, and no content.
#pragma once
#include <memory>

#include "core/entry_sink.hpp"
#include "output/size_guard.hpp"

namespace sysb::output {

class listing_sink : public entry_sink {
 public:
  [[nodiscard]] wants needs() const noexcept override { return {.content = false, .digest = true}; }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override { return std::make_unique<line>(*this, e); }

 protected:
  virtual void list(entry const& e, content_result const& r) = 0;

 private:
  class line final : public slot {
   public:
    line(listing_sink& to, entry const& e) : to_{to}, member_{e} {}
    [[nodiscard]] order when() const noexcept override { return order::in_turn; }
    void fill(content_feed& /*from*/) override {}
    void close(content_result const& r) override {
      require_size(member_, r.bytes);
      to_.list(member_, r);
    }

   private:
    listing_sink& to_;
    entry const& member_;
  };
};

}  // namespace sysb::output
