// SPDX-License-Identifier: Apache-2.0
#include "jobs/first_look.hpp"

#include <map>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace sysb::jobs {

first_look::first_look(registry::opened_image& image, image_request const& r, unsigned threads, events& e)
    : request_{r} {
  e.counters.phase = "check";
  e.counters.total = image.source->size().value_or(0);
  pipeline::copy_options how;
  how.threads = threads;
  how.tmpdir = r.tmpdir;
  how.counters = &e.counters;
  if (r.salvage) {
    how.keep_content = [this](entry const& m) { return owners->wants(m); };
    how.on_member = [this](pipeline::member_event const& m) {
      owners->member(m.member, m.kept, !m.damaged && !m.member.incomplete);
    };
  }
  run_again_if_asked(image, true, e, [&] {
    seen = pipeline::review{};
    owners.emplace(r.bounds, r.tmpdir);
    seen.look_through(*image.reader, how, r.accept_changed, e.findings);
  });
  if (r.salvage) { owners->finish(); }
}

bool first_look::prepare(entry& e) const {
  if (request_.accept_changed) { (void)seen.correct(e); }
  return !request_.salvage || seen.why_lost(e).empty();
}

void loss_teller::add(pipeline::member_event const& m) {
  if (look_.seen.faults().count(m.member.path) != 0) { came_.insert(m.member.path); }
  auto const dropped = m.what.action == plan_action::drop;
  if (auto what = look_.seen.correction_of(m.member); !dropped && !what.empty()) {
    if (done_.changed_all++ < done_.most_changed) { done_.changed.push_back({m.member.path, std::move(what)}); }
  }
  auto const* const broken = look_.seen.find(m.member);
  auto const why = look_.seen.why_lost(m.member);
  auto const size = broken != nullptr ? broken->size : m.member.size;
  if (m.refused) {
    add(m.member.path, "its name is not safe, or it is a link to such a name", size, false);
  } else if (dropped && m.what.rule == "damage") {
    add(m.member.path, m.what.reason, size, false);
  } else if (dropped || broken == nullptr || m.what.action != plan_action::keep) {
    return;
  } else if (broken->record_whole || m.member.content == content_state::refused) {
    add(m.member.path, concat("its record is in the output as it stands in the image; ", why), size, true);
  } else {
    auto const name = m.member.path.substr(0, m.member.path.rfind(pipeline::partial_suffix));
    add(name, concat("the first ", broken->bytes, " bytes are in ", m.member.path, "; ", why), size, true);
  }
}

void loss_teller::add_unread(std::function<bool(std::string const&)> const& is_wanted) {
  std::map<std::string_view, std::string_view> unread;  // in one order, whatever the library
  for (auto const& [path, fault] : look_.seen.faults()) {
    if (came_.count(path) == 0 && told_.count(normal_path(path)) == 0 && is_wanted(path)) {
      unread.emplace(path, fault);
    }
  }
  for (auto const& [path, fault] : unread) { add(std::string{path}, std::string{fault}, 0, false); }
}

void loss_teller::add_absent() {
  look_.owners->for_each_absent([&](std::string const& path) {
    if (told_.count(normal_path(path)) == 0) {
      add(path, "the software inventory names it and the image has no record of it: lost, or removed on the source", 0,
          false);
    }
  });
}

void loss_teller::add(std::string path, std::string reason, std::uint64_t size, bool partial) {
  wpar::deploy::missing_member m{.path = path,
                                 .filesets = look_.owners->filesets_of(path),
                                 .file_system = wpar::deploy::file_system_of(facts_, path),
                                 .reason = std::move(reason),
                                 .size = size,
                                 .partial = partial};
  told_.insert(normal_path(path));
  if (take_) { take_(m); }
  done_.missing.add(std::move(m));
}

}  // namespace sysb::jobs
