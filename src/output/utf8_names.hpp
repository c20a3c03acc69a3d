// SPDX-License-Identifier: Apache-2.0
// libarchive reads names in the character set of the thread's locale. For the length of a call
// the calling thread, and no other, gets one that is UTF-8, so that the bytes of an archive do
// not depend on the environment.
#pragma once
#include <locale.h>
#include <clocale>

namespace sysb::output {

class utf8_locale {
 public:
  utf8_locale() noexcept : locale_{::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)} {}
  ~utf8_locale() {
    if (locale_ != nullptr) { ::freelocale(locale_); }
  }
  utf8_locale(utf8_locale const&) = delete;
  utf8_locale& operator=(utf8_locale const&) = delete;

  class scope {
   public:
    explicit scope(utf8_locale const& l) noexcept : before_{l.locale_ != nullptr ? ::uselocale(l.locale_) : nullptr} {}
    ~scope() {
      if (before_ != nullptr) { ::uselocale(before_); }
    }
    scope(scope const&) = delete;
    scope& operator=(scope const&) = delete;

   private:
    locale_t before_;
  };

 private:
  // Null where the system has no such locale: names come out whole all the same, marked as bytes.
  locale_t locale_;
};

}  // namespace sysb::output
