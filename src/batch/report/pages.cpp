// SPDX-License-Identifier: Apache-2.0
// The pages: what an administrator asks first stands first. Everything that comes from an image is escaped.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "batch/report/assets.hpp"
#include "batch/report/estate.hpp"

namespace sysb::batch::report {

namespace {

constexpr std::size_t shown_groups = 20;
constexpr std::size_t shown_images = 20;  // of a group; all of them stand in the table and in data/

std::string escaped(std::string_view text) {
  std::string out;
  for (auto const c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

std::string page_name(image const& i) { return concat("i/", i.number, ".html"); }

std::string page(std::string_view title, std::string_view up, std::string_view body, bool sorts) {
  return concat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; script-src "
      "'self'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      escaped(title), "</title>\n<link rel=\"stylesheet\" href=\"", up, "report.css\">\n",
      sorts ? concat("<script src=\"", up, "report.js\" defer></script>\n") : std::string{}, "</head>\n<body>\n", body,
      "</body>\n</html>\n");
}

struct bar {
  std::string label;
  double value = 0;
  std::string shown;
  int tone = -1;  // c0 .. c3; -1: the usual
};

// Bars from left to right, the longest fills the width.
std::string bars(std::vector<bar> const& all, std::string_view title) {
  if (all.empty()) { return {}; }
  constexpr unsigned row = 24, label_width = 220, width = 420;
  double most = 0;
  for (auto const& b : all) { most = std::max(most, b.value); }
  std::string out = concat("<svg role=\"img\" width=\"760\" height=\"", row * all.size(), "\" viewBox=\"0 0 760 ",
                           row * all.size(), "\"><title>", escaped(title), "</title>\n");
  std::uint64_t y = 0;
  for (auto const& b : all) {
    auto const length = most > 0 ? static_cast<std::uint64_t>(b.value / most * width + 0.5) : 0;
    out +=
        concat("<text x=\"", label_width - 8, "\" y=\"", y + 16, "\" text-anchor=\"end\">", escaped(b.label), "</text>",
               "<rect class=\"track\" x=\"", label_width, "\" y=\"", y + 3, "\" width=\"", width,
               "\" height=\"16\" rx=\"3\"/>", "<rect", b.tone >= 0 ? concat(" class=\"c", b.tone, '"') : std::string{},
               " x=\"", label_width, "\" y=\"", y + 3, "\" width=\"", length, "\" height=\"16\" rx=\"3\"/>",
               "<text x=\"", label_width + width + 8, "\" y=\"", y + 16, "\">", escaped(b.shown), "</text>\n");
    y += row;
  }
  return out + "</svg>\n";
}

std::string duration(double seconds) {
  auto const whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 60) { return concat(whole, " s"); }
  if (whole < 3600) { return concat(whole / 60, " min"); }
  return concat(whole / 3600, '.', whole % 3600 / 360, " h");
}

std::string mebibytes(std::uint64_t bytes) {
  auto const tenths = (bytes * 10 + (1u << 19)) / (1u << 20);
  return concat(tenths / 10, '.', tenths % 10);
}

std::string image_link(image const& i) { return concat("<a href=\"", page_name(i), "\">", escaped(i.row.key), "</a>"); }

std::string classes(estate const& e) {
  std::string out = "<ul class=\"classes\">\n";
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    out += concat("<li class=\"c", i, "\"><b>", e.classes[i], "</b>", to_text(static_cast<row_class>(i)), "</li>\n");
  }
  return out + "</ul>\n";
}

std::string what_blocks(estate const& e) {
  std::string out = "<h2>What blocks, and what a person must decide</h2>\n";
  if (e.rules.empty()) { return out + "<p>Nothing.</p>\n"; }
  out +=
      "<div class=\"scroll\"><table>\n<thead><tr><th>Rule<th class=\"n\">Blocks<th class=\"n\">Decide<th>For example, "
      "and what to do</tr></thead>\n<tbody>\n";
  for (auto const& r : e.rules) {
    out += concat(
        "<tr><td>", escaped(r.id), "<td class=\"n\">", r.blocked, "<td class=\"n\">", r.decide, "<td>",
        escaped(r.example),
        r.id == "unreadable" ? std::string{} : concat(" <span class=\"soft\">sysb explain ", escaped(r.id), "</span>"),
        "</tr>\n");
  }
  return out + "</tbody></table></div>\n";
}

std::string levels(estate const& e) {
  std::vector<std::string> actions;
  for (auto const& [unused, by_action] : e.levels) {
    for (auto const& [action, count] : by_action) {
      if (std::find(actions.begin(), actions.end(), action) == actions.end()) { actions.push_back(action); }
    }
  }
  std::sort(actions.begin(), actions.end());
  std::string out =
      "<h2>Levels, and what the host makes of them</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Level";
  for (auto const& a : actions) { out += concat("<th class=\"n\">", escaped(a)); }
  out += "</tr></thead>\n<tbody>\n";
  for (auto const& [level, by_action] : e.levels) {
    out += concat("<tr><td>", escaped(level));
    for (auto const& a : actions) {
      auto const found = by_action.find(a);
      out += concat("<td class=\"n\">", found == by_action.end() ? 0 : found->second);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string sizes(estate const& e) {
  std::vector<bar> all;
  for (auto const i : e.largest) {
    auto const& one = e.images[i];
    all.push_back({one.row.key, static_cast<double>(one.row.image.size), human_size(one.row.image.size),
                   static_cast<int>(one.standing)});
  }
  return concat("<h2>Sizes</h2>\n<p>", human_size(e.image_bytes), " of images with ", human_size(e.bytes),
                " of content. The largest:</p>\n", bars(all, "The largest images"));
}

std::string kinds(estate const& e) {
  std::vector<bar> all;
  for (auto const& [kind, count] : e.kinds) { all.push_back({kind, static_cast<double>(count), concat(count)}); }
  return concat("<h2>Shared or private</h2>\n",
                all.empty() ? std::string{"<p>Not known.</p>\n"} : bars(all, "Images by kind of WPAR"));
}

// The level that most images have, and on how many.
std::pair<std::string, std::uint64_t> usual_level(fileset_count const& f) {
  std::pair<std::string, std::uint64_t> out;
  for (auto const& [level, images] : f.levels) {
    if (images >= out.second) { out = {level, images}; }
  }
  return out;
}

// A long one is not laid out where nobody looks; a short one is there for whoever takes a picture of the whole page.
std::string_view table_class(std::size_t rows) { return rows > 500 ? "sortable long" : "sortable"; }

std::string fileset_rows(std::vector<fileset_count const*> const& all) {
  auto out = concat("<div class=\"scroll\"><table class=\"", table_class(all.size()),
                    "\">\n<thead><tr><th>File set<th class=\"n\">Images<th "
                    "class=\"n\">Levels<th>Usual level<th class=\"n\">On</tr></thead>\n<tbody>\n");
  for (auto const* const f : all) {
    auto const [level, images] = usual_level(*f);
    out += concat("<tr><td>", escaped(f->name), "<td class=\"n\">", f->images, "<td class=\"n\">",
                  std::uint64_t{f->levels.size()}, "<td>", escaped(level), "<td class=\"n\">", images, '\n');
  }
  return out + "</tbody></table></div>\n";
}

std::string name_list(std::string_view what, std::vector<std::string> const& names, std::uint64_t count) {
  if (count == 0) { return {}; }
  auto out = concat("; ", what, ' ');
  for (std::size_t i = 0; i < names.size(); ++i) { out += concat(i == 0 ? "" : ", ", escaped(names[i])); }
  return count > names.size() ? concat(out, " and ", count - names.size(), " more") : out;
}

// The file sets whose levels differ most among the images, and the images that are unlike the others.
std::string filesets(estate const& e, options const& o) {
  std::string out = "<h2>File sets</h2>\n";
  if (e.filesets_most == 0) { return out + "<p>No image tells its file sets.</p>\n"; }
  out += concat("<p>From ", e.filesets_least, " to ", e.filesets_most, " installed, ", e.filesets_median,
                " in the middle; ", std::uint64_t{e.filesets.size()},
                " different ones: <a href=\"filesets.html\">all by name</a>",
                o.write.csv ? ", <a href=\"data/filesets.csv\">CSV</a>" : "", ".</p>\n");
  std::vector<fileset_count const*> varied;
  for (auto const& f : e.filesets) {
    if (f.levels.size() > 1) { varied.push_back(&f); }
  }
  std::stable_sort(varied.begin(), varied.end(),
                   [](auto const* a, auto const* b) { return a->levels.size() > b->levels.size(); });
  if (!varied.empty()) {
    auto const all = varied.size();
    if (varied.size() > shown_groups) { varied.resize(shown_groups); }
    out += concat("<p>", std::uint64_t{all}, all == 1 ? " stands" : " stand", " at several levels",
                  all > shown_groups ? concat("; the first ", shown_groups) : std::string{}, ":</p>\n",
                  fileset_rows(varied));
  }
  if (!e.fileset_outliers.empty()) {
    out += "<p>Images unlike the others (what one in twenty has or lacks):</p>\n<ul>\n";
    for (auto const& one : e.fileset_outliers) {
      auto what =
          concat(name_list("only here:", one.own, one.own_count), name_list("lacks", one.lacking, one.lacking_count),
                 name_list("at an unusual level:", one.other_level, one.other_level_count));
      what.front() = ':';
      out += concat("<li>", image_link(e.images[one.image]), what, "</li>\n");
    }
    out += "</ul>\n";
  }
  if (e.fileset_numbers.empty()) { return out; }
  out += "<p>Less than half, or more than twice as many as usual:</p>\n<ul>\n";
  for (auto const i : e.fileset_numbers) {
    out += concat("<li>", image_link(e.images[i]), ": ", e.images[i].row.seen.filesets, "</li>\n");
  }
  return out + "</ul>\n";
}

std::string fileset_page(estate const& e) {
  std::vector<fileset_count const*> all;
  for (auto const& f : e.filesets) { all.push_back(&f); }
  return concat("<p><a href=\"index.html\">The estate</a></p>\n<h1>File sets</h1>\n<p class=\"soft\">",
                std::uint64_t{all.size()}, " on ", e.with_filesets, " images.</p>\n", fileset_rows(all));
}

std::string groups(estate const& e, std::vector<std::vector<std::size_t>> const& all, std::string_view what) {
  std::string out;
  for (std::size_t g = 0; g < all.size() && g < shown_groups; ++g) {
    out += "<li>";
    auto const shown = std::min(all[g].size(), shown_images);
    for (std::size_t i = 0; i < shown; ++i) { out += concat(i == 0 ? "" : ", ", image_link(e.images[all[g][i]])); }
    if (shown < all[g].size()) { out += concat(" and ", std::uint64_t{all[g].size() - shown}, " more"); }
    out += "</li>\n";
  }
  if (out.empty()) { return {}; }
  return concat(
      "<p>", what,
      all.size() > shown_groups ? concat(" (the first ", shown_groups, " of ", all.size(), " groups)") : std::string{},
      "</p>\n<ul>\n", out, "</ul>\n");
}

std::string twins(estate const& e) {
  std::string out = "<h2>Identical systems</h2>\n";
  std::uint64_t saved = 0;
  for (auto const& g : e.same_image) { saved += e.images[g.front()].row.image.size * (g.size() - 1); }
  auto const systems = groups(e, e.same_system, "Several images of one system; only one should take its place:");
  auto const images = groups(e, e.same_image, "Images with equal content:");
  out += systems.empty() && images.empty() ? std::string{"<p>None.</p>\n"} : systems + images;
  if (saved != 0) { out += concat("<p>Keeping each equal image once would save ", human_size(saved), ".</p>\n"); }
  auto const& equal = e.equal;
  if (equal.images == 0) {
    return out +
           "<p class=\"soft\">What equal members would save is told where images have an index with digests (sysb "
           "index) when they are planned.</p>\n";
  }
  return out + concat("<p>Keeping members with equal content once would save ", equal.exact ? "" : "about ",
                      human_size(equal.saved), " of ", human_size(equal.bytes), " in the ", equal.images,
                      equal.images == 1 ? " image" : " images", " with an index",
                      equal.exact ? "" : ", estimated from samples", ".</p>\n");
}

std::string run(estate const& e) {
  std::string out =
      "<h2>The run</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>State<th "
      "class=\"n\">Jobs</tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < job_states; ++i) {
    if (e.states[i] != 0) {
      out += concat("<tr><td>", batch::to_text(static_cast<job_state>(i)), "<td class=\"n\">", e.states[i], "</tr>\n");
    }
  }
  out += "</tbody></table></div>\n";
  if (e.incomplete != 0) {
    out += concat("<p>", e.incomplete, e.incomplete == 1 ? " failed job has" : " failed jobs have",
                  " written an output that is not complete: a person looks at what is missing.</p>\n");
  }
  if (e.finished != 0) {
    auto const rate =
        e.seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(e.bytes_read) / e.seconds / 1e6 + 0.5) : 0;
    out += concat("<p>", e.finished, " jobs took ", duration(e.seconds), " one after the other, ", rate,
                  " MB/s of image each; ", e.attempts, " attempts in all; at most ", human_size(e.peak_memory),
                  " of memory. Written: ", human_size(e.bytes_written), ".</p>\n");
  }
  std::vector<bar> all;
  for (auto const i : e.slowest) {
    auto const& one = e.images[i];
    all.push_back({one.row.key, one.result->seconds, duration(one.result->seconds)});
  }
  if (!all.empty()) { out += concat("<p>The slowest:</p>\n", bars(all, "The slowest jobs")); }
  return out;
}

std::string waves(estate const& e) {
  std::string out =
      "<h2>Waves</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Wave<th class=\"n\">Images<th class=\"n\">Left<th "
      "class=\"n\">Size<th class=\"n\">"
      "Estimate of what is left</tr></thead>\n<tbody>\n";
  for (auto const& [name, w] : e.waves) {
    out += concat("<tr><td>", name.empty() ? std::string{"(none)"} : escaped(name), "<td class=\"n\">", w.images,
                  "<td class=\"n\">", w.left, "<td class=\"n\">", human_size(w.bytes), "<td class=\"n\">",
                  duration(w.seconds), "</tr>\n");
  }
  return out +
         "</tbody></table></div>\n<p class=\"soft\">One job after the other; with N at once about an Nth of it.</p>\n";
}

std::string first_id(image const& i) {
  if (i.result && !i.result->reasons.empty() && !i.result->reasons.front().id.empty()) {
    return i.result->reasons.front().id;
  }
  if (!i.row.seen.blocks.empty()) { return i.row.seen.blocks.front().id; }
  return i.row.seen.decide.empty() ? std::string{} : i.row.seen.decide.front().id;
}

// End tags that HTML lets one leave out are left out: 5,000 rows stay below a megabyte.
std::string table(estate const& e) {
  auto out = concat("<h2>Images</h2>\n<div class=\"scroll\"><table class=\"", table_class(e.images.size()),
                    "\" "
                    "id=\"images\">\n<thead><tr><th>Image<th>Host<th>Level<th>Verdict<th>First reason<th>WPAR"
                    "<th class=\"n\">MiB<th>Job<th class=\"n\">Seconds</tr></thead>\n<tbody>\n");
  for (auto const& i : e.images) {
    out += concat("<tr><td>", image_link(i), "<td>", escaped(i.row.seen.hostname), "<td>", escaped(i.row.seen.level),
                  "<td>", to_text(i.standing), "<td>", escaped(first_id(i)), "<td>", escaped(i.row.seen.kind), "<td>",
                  mebibytes(i.row.image.size), "<td>", batch::to_text(i.state), is_incomplete(i) ? ", incomplete" : "",
                  "<td>", i.result ? concat(static_cast<std::uint64_t>(i.result->seconds + 0.5)) : std::string{}, '\n');
  }
  return out + "</tbody></table></div>\n";
}

std::string index(estate const& e, options const& o) {
  return concat("<h1>AIX system backups: the estate</h1>\n<p class=\"soft\">", e.images.size(),
                e.images.size() == 1 ? " image" : " images", o.redact ? "; names are hidden" : "",
                o.write.csv || o.write.json
                    ? concat("; as data: ", o.write.csv ? "<a href=\"data/images.csv\">CSV</a>" : "",
                             o.write.csv && o.write.json ? ", " : "",
                             o.write.json ? "<a href=\"data/images.jsonl\">JSON Lines</a>" : "")
                    : std::string{},
                ".</p>\n", classes(e), what_blocks(e), levels(e), sizes(e), kinds(e), filesets(e, o), twins(e), run(e),
                waves(e), table(e));
}

std::string reasons(std::string_view title, std::vector<reason> const& all) {
  if (all.empty()) { return {}; }
  std::string out = concat("<h2>", title, "</h2>\n<ul>\n");
  for (auto const& r : all) {
    out += concat("<li>", r.id.empty() ? std::string{} : concat("<b>", escaped(r.id), "</b> "), escaped(r.text),
                  "</li>\n");
  }
  return out + "</ul>\n";
}

std::string one_page(image const& i) {
  auto const& s = i.row.seen;
  std::string out =
      concat("<p><a href=\"../index.html\">The estate</a></p>\n<h1>", escaped(i.row.key),
             "</h1>\n<ul class=\"classes\"><li class=\"c", static_cast<int>(i.standing), "\"><b>", to_text(i.standing),
             "</b>", batch::to_text(i.state), "</li></ul>\n<div class=\"scroll\"><table><tbody>\n");
  auto const line = [&](std::string_view name, std::string const& value) {
    if (!value.empty()) { out += concat("<tr><th>", name, "<td>", escaped(value), "</tr>\n"); }
  };
  line("Image", i.row.image_path());
  for (std::size_t v = 1; v < i.row.volumes.size(); ++v) { line("Volume", i.row.volumes[v]); }
  line("Host", s.hostname);
  line("Level", s.level);
  line("On the host", s.host_action);
  line("WPAR", s.kind);
  line("Size", concat(human_size(i.row.image.size), ", ", s.members, " members with ", human_size(s.bytes)));
  line("File sets", s.filesets == 0 ? std::string{} : concat(s.filesets));
  line("Output", is_incomplete(i) ? concat(i.row.out, " (not complete)") : i.row.out);
  line("Wave", i.row.wave);
  line("Owner", i.row.owner);
  if (i.result) {
    line("Output size", i.result->output ? human_size(i.result->output->size) : std::string{});
    line("Output XXH3", i.result->output ? i.result->output->xxh3 : std::string{});
    line("Report", i.result->report);
    line("Seconds", concat(static_cast<std::uint64_t>(i.result->seconds + 0.5)));
    line("Memory", i.result->peak_memory == 0 ? std::string{} : human_size(i.result->peak_memory));
  }
  out += "</tbody></table></div>\n";
  if (i.result) { out += reasons("Why the job ended without success", i.result->reasons); }
  out += reasons("What blocks", s.blocks) + reasons("Decide", s.decide);
  if (i.result && !i.result->attempts.empty()) {
    out +=
        "<h2>Attempts</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Start (UTC)<th>End "
        "(UTC)<th>Host<th>Engine<th class=\"n\">Exit<th class=\"n\">Signal</tr></thead>\n<tbody>\n";
    for (auto const& a : i.result->attempts) {
      out += concat("<tr><td>", utc_time(a.start), "<td>", utc_time(a.end), "<td>", escaped(a.host), "<td>",
                    escaped(a.engine), "<td class=\"n\">", a.exit, "<td class=\"n\">", a.signal, "</tr>\n");
    }
    out += "</tbody></table></div>\n";
  }
  return out;
}

}  // namespace

void put_pages(estate const& e, options const& o, put_file const& put) {
  put("report.css", std::string{style});
  put("report.js", std::string{script});
  for (auto const& i : e.images) { put(page_name(i), page(i.row.key, "../", one_page(i), false)); }
  if (!e.filesets.empty()) { put("filesets.html", page("AIX system backups: file sets", "", fileset_page(e), true)); }
  put("index.html", page("AIX system backups: the estate", "", index(e, o), true));
}

}  // namespace sysb::batch::report
