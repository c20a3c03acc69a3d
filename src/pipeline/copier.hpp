// SPDX-License-Identifier: Apache-2.0
// One run of copy_members(): the decisions on each member, and the order of delivery.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/ledger.hpp"
#include "pipeline/link_resolver.hpp"
#include "pipeline/loss_check.hpp"
#include "pipeline/name_table.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/work_queue.hpp"

namespace sysb::pipeline {

class copier {
 public:
  copier(image_reader& reader, member_plan& plan, entry_sink& sink, copy_options const& o, ledger& d);
  copy_summary run();

 private:
  // One pass: an empty name that may turn out to be a link to content that comes later.
  struct held_member {
    entry member;
    std::string path;
  };

  void walk();
  // First of two passes: final names, link groups, totals. False: the image is not whole.
  [[nodiscard]] bool survey();
  void foresee(std::string_view path);
  [[nodiscard]] bool foreseen(entry const& e) const;
  void member(entry& e);
  void superseded(entry const& e);
  [[nodiscard]] decision decide(entry const& e);

  // Name and parent are safe to write, and this record is the one its name stands for (so far, in one pass).
  enum class fate : std::uint8_t { keep, superseded, refused };
  [[nodiscard]] fate judge_name(entry const& e, std::string const& path);
  void refuse(diag_code const& code, entry const& e, std::string detail);

  // Salvage: what is left of `e`, if it is not whole. In part it becomes a file of its own.
  enum class state_of : std::uint8_t { whole, partial, lost };
  [[nodiscard]] state_of salvaged(entry& e);
  [[nodiscard]] bool correct(entry& e) const { return o_.corrections != nullptr && o_.corrections->correct(e); }
  void keep_partial(entry& e, std::string path);
  void keep_file(entry& e, std::string path, bool stood);
  void keep_raw(entry& e, std::string path);
  void keep_other(entry& e, std::string path);
  void replace(entry const& e, decision const& what);
  void generate(generated_member g, plan_action action);
  void left_out(entry const& e, decision what, bool refused);
  void write_content(entry& e, std::string path, content_request r, bool learn, bool compare);
  void submit_link(std::unique_ptr<work_item> item, std::string first);
  void write_link(entry& e, std::string path, link_resolver::verdict const& v);
  void fetch_from(entry& e, std::string path, link_resolver::verdict const& v);
  void hold(entry& e, std::string path);
  [[nodiscard]] held_member take_held(std::deque<held_member>::iterator at);
  bool release(held_member h);  // false: it is not written
  void release_held(entry const& e);
  void release_all_held();

  [[nodiscard]] bool fits(entry& e);
  [[nodiscard]] std::unique_ptr<work_item> new_item(entry const& e, std::string path);
  void submit(std::unique_ptr<work_item> item);
  void place(work_item& item);
  // Fills a slot from the reader, or the item's own memory, by this thread.
  void fill_now(work_item& item, piece_source const& next, content_feed::record* record);
  void close(work_item& item, content_result const& r);
  void deliver_front();
  void deliver(work_item& item);
  void drain();
  void settle(work_item& item);
  void content_fault(entry const& e, content_outcome const& outcome);
  void damaged();  // the run ends, goes on as if nothing were, or goes on without its output
  void give_up_output();
  void count(plan_action a) noexcept;
  void tell(entry const& e, decision const& what, content_result const* content, bool refused, bool damaged = false,
            std::span<std::byte const> kept = {}, std::optional<std::uint64_t> true_size = {});

  image_reader& reader_;
  member_plan& plan_;
  entry_sink* sink_;  // nowhere_ once --on-loss stop gave the output up
  copy_options const& o_;
  ledger& d_;
  copy_summary sum_;

  null_sink nowhere_;

  bool two_pass_;
  // Members are written in the order of the image, and yet a look ahead is needed: which files will lose their name
  // to a later member (their records, sorted).
  bool looks_ahead_;
  std::vector<std::uint64_t> replaced_;
  bool digest_;
  name_table names_;
  link_resolver links_;
  std::optional<loss_check> losses_;
  work_queue queue_;

  std::deque<held_member> held_;
  static constexpr std::size_t max_held = 4096;

  std::uint64_t twice_ = 0;  // names that came again
  std::string twice_example_;
  std::uint64_t absolute_ = 0;
  std::string absolute_example_;
  bool failed_ = false;   // content damage: the run ends
  bool gave_up_ = false;  // content damage: the output is not whole
};

}  // namespace sysb::pipeline
