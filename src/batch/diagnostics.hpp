// SPDX-License-Identifier: Apache-2.0
// What planning a batch finds before any work.
#pragma once
#include <array>
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::batch {

inline constexpr diag_code same_image{
    "BAT-001", severity::warning, "two rows are one image",
    "Two rows of the plan read images with the same size, time and sampled content. The same work would be done "
    "twice: take one of the rows out, unless both outputs are wanted."};

inline constexpr diag_code same_system{
    "BAT-002", severity::warning, "several images of one system",
    "Machine and host name, or the RSCT node id, say that these images were made of one system, or of copies of it: "
    "rule V34 says how they are compared. Only one of them should become the WPAR that takes its place; the others are "
    "older or newer states of it."};

inline constexpr diag_code no_images{"BAT-003", severity::note, "files that are no images were passed over",
                                     "In a folder only files are taken whose first bytes are those of an image or of "
                                     "something an image travels in. Name "
                                     "a file in a manifest to have it judged all the same."};

inline constexpr diag_code output_exists{
    "BAT-004", severity::warning, "the output exists already",
    "Something stands at the output's place that this batch did not make. The job will fail rather than replace it: "
    "move it away, choose another output, or plan with --overwrite."};

inline constexpr diag_code no_parent{"BAT-005", severity::warning, "the output's folder is missing",
                                     "The folder above the output is not there. It is never made, because it may be "
                                     "the mount point of a file system that "
                                     "is not mounted. Make it or mount it before `sysb batch run`."};

inline constexpr diag_code unreadable_image{
    "BAT-006", severity::warning, "the image cannot be read",
    "The image could not be opened or surveyed now. Its row stays in the plan, and the job says what is wrong when it "
    "runs.",
    fault_class::io};

inline constexpr diag_code empty_files{"BAT-007", severity::warning, "files without content were passed over",
                                       "A file of a folder is empty, or begins with zeros only. A backup that failed, "
                                       "or a copy that was cut off, may leave "
                                       "such a file where an image should be: look for another image of that system."};

inline constexpr diag_code unread_folders{"BAT-008", severity::warning, "folders were not looked into",
                                          "A folder below the given one cannot be read, or stands more than 32 levels "
                                          "deep: images in it are not in the plan. "
                                          "Give it by itself, or as a user who may read it.",
                                          fault_class::io};

[[nodiscard]] inline std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 8> all{&same_image, &same_system,      &no_images,   &output_exists,
                                                       &no_parent,  &unreadable_image, &empty_files, &unread_folders};
  return all;
}

}  // namespace sysb::batch
