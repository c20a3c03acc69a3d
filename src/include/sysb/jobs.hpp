// SPDX-License-Identifier: Apache-2.0
// What the command does, for a program: check(), convert(), extract(), wpar(), index(), survey(). A job opens
// what it needs, writes whole or not at all, and returns an outcome; jobs/jobs.hpp has an example.
#pragma once

#include "jobs/jobs.hpp"  // IWYU pragma: export
