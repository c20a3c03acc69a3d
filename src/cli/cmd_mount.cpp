// SPDX-License-Identifier: Apache-2.0
// `sysb mount IMAGE DIR`: an image as a read-only folder. The process that was called finds everything out and
// mounts; a child of it serves from then on, and the caller gets its exit code once the folder can be listed.
#include <dirent.h>
#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/os/descriptor.hpp"
#include "base/os/directory.hpp"
#include "base/os/thread.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "jobs/diagnostics.hpp"
#include "jobs/frame.hpp"
#include "jobs/judged.hpp"
#include "mount/contents.hpp"
#include "mount/file_system.hpp"
#include "mount/tree.hpp"
#include "mount/view.hpp"
#include "wpar/plan.hpp"

namespace sysb::cli {

namespace {

constexpr std::uint64_t usual_cache = 64u << 20;
constexpr std::uint64_t least_cache = 4u << 20;  // what readers beside each other need of pieces

// Lines of the mount that serves: to --log, else to standard error, else (in the background) to the system's log.
class mount_log {
 public:
  explicit mount_log(std::string const& file) {
    if (file.empty()) { return; }
    fd_.reset(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!fd_.ok()) {
      throw fatal_error{fatal_error::kind::io, concat("cannot write the log ", quoted(file), ": ", os_text(errno)),
                        std::nullopt, file};
    }
  }
  void to_system(std::string mark) {
    mark_ = std::move(mark);
    ::openlog("sysb", LOG_PID, LOG_DAEMON);
    system_ = true;
  }
  void line(std::string_view text) {
    std::lock_guard const hold{guard_};
    if (!fd_.ok() && system_) {
      ::syslog(LOG_WARNING, "%s: %s", mark_.c_str(), std::string{text}.c_str());
    } else {
      (void)write_all(fd_.ok() ? fd_.get() : STDERR_FILENO, concat("sysb: ", text, '\n'));
    }
  }

 private:
  unique_fd fd_;
  bool system_ = false;
  std::string mark_;
  std::mutex guard_;
};

// Signals that end a mount, as something to wait for; from here on no thread is interrupted by them.
[[nodiscard]] unique_fd wait_for_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  for (auto const number : {SIGINT, SIGTERM, SIGHUP}) { sigaddset(&ends, number); }
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return unique_fd{::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK)};
}

// But for the first three. What a caller left open, a pipe perhaps, is not to be kept open by who serves.
[[nodiscard]] std::vector<int> open_descriptors() {
  std::vector<int> out;
  dir_stream const all{::opendir("/proc/self/fd")};
  for (auto const* e = all ? ::readdir(all.get()) : nullptr; e != nullptr; e = ::readdir(all.get())) {
    auto const fd = std::atoi(e->d_name);  // "." and "..": 0
    if (fd > STDERR_FILENO && fd != ::dirfd(all.get())) { out.push_back(fd); }
  }
  return out;
}

class mount_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
    select_.define(options);
    options.choice("--view", view_, "VIEW", {"image", "wpar"},
                   "image: the members as they are; wpar: what `sysb wpar` would make of them");
    rules_.define(options);
    options.choice("--links", links_, "HOW", {"inside", "raw", "block"},
                   "inside: absolute links lead to the same place in DIR (default); raw: as stored; block: they are "
                   "refused. But for raw, a link that leads out of DIR is refused");
    options.choice("--owner", owner_, "WHO", {"image", "me"},
                   "whose the files are: as the image says (default), or all yours");
    options.flag("--allow-other", allow_other_, "other users may look, as far as the modes in the image let them");
    options.flag("--exec", exec_, "programs may be run");
    options.optional_text("--cache", cache_, "SIZE", "memory for unpacked content; default 64M, at least 4M");
    options.flag("--spool", spool_, "unpack a compressed image, or a pipe, to a file in --tmpdir");
    options.flag("--foreground", foreground_, "serve in this process; it ends when DIR is unmounted");
    options.optional_text("--log", log_, "FILE",
                          "where lines about members that cannot be read go; default: the system's log, "
                          "with --foreground standard error");
    options.list("-o", more_, "OPTIONS", "more options of mount(8), separated by commas");
  }

  void judge() override {
    image_.judge(1, any_number, "DIR");
    rules_.judge();
    if (image_.rest().front().empty()) { usage("the name of DIR is empty"); }
    if (view_ != "wpar" && rules_.any_given()) { usage(concat(rules_.first_given(), " goes with --view wpar")); }
    if (cache_) { cache_bytes_ = parse_size("--cache", *cache_); }
    if (cache_bytes_ < least_cache) { usage("--cache: at least 4M"); }
    if (log_ && log_->empty()) { usage("--log: the name of the file is empty"); }
    for (auto const& o : more_) {
      if (auto const bad = mount::refused_option(o); !bad.empty()) {
        usage(concat("-o ", quoted(bad), ": not for a mount that only shows an image"));
      }
    }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    auto const inherited = open_descriptors();
    auto const& directory = image_.rest().front();
    auto const real_directory = require_directory(directory);
    mount_log log{log_.value_or("")};
    auto image = open_image(s);
    s.counters().phase = "read";
    s.counters().total = image.source->size().value_or(0);
    mount::shown_members members;
    members.all = members.shown = mount::members_of(image, image_.tmpdir(), s.counters(), s.findings());
    members.date = image.reader->description().volume.date;
    mount::contents bytes{*image.source, *image.reader, members.all->size(), cache_bytes_,
                          [&log](std::string_view text) { log.line(text); }};
    auto const patterns = std::vector<std::string>{image_.rest().begin() + 1, image_.rest().end()};
    auto const chosen = select_.make(patterns);
    if (!choose_members(s, image, members, chosen, bytes)) { return; }
    if (!chosen.everything() && jobs::report_unmatched(chosen, s.findings())) {
      s.add_exit(exit_code::failed);
      return;
    }
    s.summary().entries = members.shown->size();
    mount::tree const files{std::move(members)};
    mount::mount_options how;
    how.directory = real_directory;  // who serves has another working directory, and unmounts at its end
    how.source = image_.subject();
    how.links = links_ == "raw"     ? mount::link_policy::raw
                : links_ == "block" ? mount::link_policy::block
                                    : mount::link_policy::inside;
    if (owner_ == "me") {
      how.uid = ::geteuid();
      how.gid = ::getegid();
    }
    how.allow_other = allow_other_;
    how.exec = exec_;
    for (auto const& o : more_) { how.more += concat(how.more.empty() ? "" : ",", o); }
    // Nothing that runs beside this thread may stand when the process is doubled.
    s.progress_display().stop();
    s.json().flush();
    auto const stop = wait_for_signals();
    s.counters().stop_if_asked();  // by one that came before
    mount::mounted_image mounted{how, files, bytes};
    s.summary().output_written = true;
    auto const said = concat("mounted at ", quoted(directory), ": ", s.summary().entries, " members");
    if (foreground_) {
      s.say(said);
      serve(mounted, files, log, stop.get());
      note_signal(s, stop.get());
      return;
    }
    auto const child = ::fork();
    if (child < 0) { throw fatal_error{fatal_error::kind::io, concat("no process can be started: ", os_text(errno))}; }
    if (child == 0) { serve_apart(mounted, files, log, directory, stop.get(), inherited); }
    mounted.abandon();
    require_listing(directory);
    s.say(said);
  }

 private:
  // Its name from the root.
  static std::string require_directory(std::string const& directory) {
    struct stat st {};
    auto const found = ::stat(directory.c_str(), &st) == 0;
    auto const is_one = found && S_ISDIR(st.st_mode);
    std::unique_ptr<char, void (*)(void*)> const real{is_one ? ::realpath(directory.c_str(), nullptr) : nullptr,
                                                      std::free};
    if (real) { return real.get(); }
    throw fatal_error{
        fatal_error::kind::io,
        concat("cannot mount at ", quoted(directory), ": ", found && !is_one ? "not a directory" : os_text(errno)),
        std::nullopt, directory};
  }

  registry::opened_image open_image(session& s) const {
    if (!mount::is_built_in()) {
      throw fatal_error{fatal_error::kind::io, "this program was built without FUSE: build it with libfuse3 to mount"};
    }
    auto image = image_.open_by_index(s, spool_);
    if (image.source->cheap_seek() && image.source->size()) { return image; }
    if (!spool_) {
      throw fatal_error{fatal_error::kind::unsupported,
                        "only an image that can be read from any place can be mounted: with --spool a compressed one, "
                        "or a pipe, is unpacked to a file in --tmpdir first"};
    }
    return mount::spooled(std::move(image), image_.tmpdir(), s.bounds(), s.findings(), s.counters());
  }

  // False: there is nothing to be mounted.
  [[nodiscard]] bool choose_members(session& s, registry::opened_image& image, mount::shown_members& members,
                                    pipeline::selection const& chosen, mount::contents& bytes) const {
    mount::choice c;
    if (!chosen.everything()) { c.selected = &chosen; }
    if (view_ != "wpar") {
      if (c.selected != nullptr) { mount::choose(members, c, bytes, image_.tmpdir(), s.counters()); }
      return true;
    }
    auto request = rules_.make(s.findings());
    request.target = wpar::target_kind::tree;
    request.format = "tree";
    request.compression = "none";
    image.reader->rewind();
    job_events told{s};
    jobs::outcome judged;
    auto const facts = jobs::survey_image(image, request, s.bounds(), jobs::usual_threads(), told);
    jobs::hold_rules(facts, request, told, judged);
    jobs::judge(judged, {.forced = request.force}, told);
    s.finish(judged);
    auto const& result = *judged.rules;
    if (!result.may_write(request)) {
      s.say(concat("nothing is mounted: the image is ", to_text(judged.result)));
      return false;
    }
    auto const plan = wpar::make_plan(facts, request, result, s.findings());
    c.plan = plan.get();
    mount::choose(members, c, bytes, image_.tmpdir(), s.counters());
    return true;
  }

  [[nodiscard]] static unsigned threads() noexcept {
    return std::clamp(std::thread::hardware_concurrency() * 2, 4u, 12u);
  }

  // Beside that, looks for names that cannot be shown: whoever mounts by an index waits for no pass over it, nor does
  // whoever asks for anything.
  static void serve(mount::mounted_image& mounted, mount::tree const& files, mount_log& log, int stop) {
    progress looking;
    auto beside = start_thread([&] {
      try {
        auto const n = mount::names_not_shown(files.shown(), looking, [&, before = std::uint64_t{0}]() mutable {
          if (mounted.served() == std::exchange(before, mounted.served())) { return; }
          std::this_thread::sleep_for(std::chrono::milliseconds{10});
        });
        if (n == 0) { return; }
        log.line(concat(n, n == 1 ? " member has a name" : " members have names",
                        " that cannot be shown: with \"..\" in it, or longer than 1,024 bytes"));
      } catch (std::exception const&) {}  // who looks at the files learns of it
    });
    mounted.serve(stop, threads());
    looking.stop_signal = SIGTERM;
    if (beside.joinable()) { beside.join(); }
  }

  // A signal ends a run as it ends any other.
  static void note_signal(session& s, int stop) {
    signalfd_siginfo seen{};
    if (::read(stop, &seen, sizeof seen) != static_cast<ssize_t>(sizeof seen)) { return; }
    s.add_exit(seen.ssi_signo == SIGTERM  ? exit_code::terminated
               : seen.ssi_signo == SIGHUP ? exit_code::hung_up
                                          : exit_code::interrupted);
  }

  // The child: nothing of the caller's stays open, and nothing of the session is said a second time.
  [[noreturn]] void serve_apart(mount::mounted_image& mounted, mount::tree const& files, mount_log& log,
                                std::string const& directory, int stop, std::vector<int> const& inherited) const {
    ::setsid();
    if (::chdir("/") != 0) { ::_exit(1); }
    if (!log_) { log.to_system(printable(directory)); }
    auto const nothing = ::open("/dev/null", O_RDWR);
    for (auto const fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) { (void)::dup2(nothing, fd); }
    if (nothing > STDERR_FILENO) { ::close(nothing); }
    for (auto const fd : inherited) { ::close(fd); }
    serve(mounted, files, log, stop);
    mounted.unmount();
    ::_exit(0);
  }

  // Whoever called us may look at once: the first names have come. Only a few are asked for, which is why this is not
  // readdir(3).
  static void require_listing(std::string const& directory) {
    std::array<char, 4096> names{};
    unique_fd const d{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (d.ok() && ::getdents64(d.get(), names.data(), names.size()) >= 0) { return; }
    throw fatal_error{fatal_error::kind::io,
                      concat("mounted at ", quoted(directory), ", but it cannot be listed: ", os_text(errno)),
                      std::nullopt, directory};
  }

  image_arguments image_;
  select_arguments select_;
  rule_arguments rules_;
  std::string view_, links_, owner_;
  std::optional<std::string> cache_, log_;
  std::uint64_t cache_bytes_ = usual_cache;
  std::vector<std::string> more_;
  bool allow_other_ = false, exec_ = false, spool_ = false, foreground_ = false;
};

}  // namespace

command_entry const mount_entry{
    "mount", "IMAGE DIR [PATTERN...]", "an image as a read-only folder",
    "Needs FUSE. Returns when DIR can be listed; a process in the background serves it until it is unmounted (`sysb "
    "umount DIR`) or gets SIGTERM. An index beside the image makes it ready at once; without one the headers are read "
    "first. Absolute symbolic links lead to the same place in DIR, so that looking at an image never reads the host's "
    "files. A member that is damaged, or whose content nothing proves, gives EIO when it is opened, and one line in "
    "the log; so does everything once the image changed. With --view wpar the options of `sysb wpar` that rules depend "
    "on can be given.\n"
    "Exit code 3: the image is damaged, and what is left of it is mounted; 5: compressed, and no --spool.",
    [] { return std::unique_ptr<command>{new mount_command}; }};

}  // namespace sysb::cli
