// SPDX-License-Identifier: Apache-2.0
#include "batch/scripts.hpp"

#include <algorithm>
#include <array>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

constexpr std::array<std::string_view, 6> known{"slurm", "parallel", "make", "k8s", "lsf", "ansible"};

constexpr double short_job = 60;  // seconds; several such share a task of an array
constexpr std::uint64_t most_tasks = 1000;
constexpr std::uint64_t job_memory = 256u << 20;  // what is asked for where nothing was measured

struct plan_facts {
  std::uint64_t rows = 0;
  double seconds = 0, longest = 0;
  std::uint64_t memory = 0;  // the largest peak of a finished job
};

plan_facts facts_of(batch_folder const& batch) {
  plan_facts f;
  batch.each_row([&](plan_row const& row) {
    ++f.rows;
    f.seconds += row.seconds;
    f.longest = std::max(f.longest, row.seconds);
    if (auto const r = batch.result(row.key)) { f.memory = std::max(f.memory, r->peak_memory); }
  });
  return f;
}

std::uint64_t tasks_of(plan_facts const& f, script_request const& r) {
  if (r.shards != 0) { return std::min(r.shards, std::max<std::uint64_t>(1, f.rows)); }
  auto const by_time = static_cast<std::uint64_t>(f.seconds / short_job) + 1;
  return std::max<std::uint64_t>(1, std::min({f.rows, std::max(by_time, r.jobs), most_tasks}));
}

// What was measured with a fifth on top, never less than a small job needs.
std::uint64_t mebibytes_of(plan_facts const& f) {
  auto const bytes =
      f.memory == 0 ? job_memory : std::max<std::uint64_t>(96u << 20, f.memory + f.memory / 5 + (32u << 20));
  return bytes / (1u << 20) + 1;
}

// Three times the estimate of a task, half an hour at least.
std::uint64_t minutes_of(plan_facts const& f, std::uint64_t tasks) {
  auto const each = std::max(f.longest, f.seconds / static_cast<double>(tasks));
  return std::max<std::uint64_t>(30, static_cast<std::uint64_t>(each * 3 / 60) + 1);
}

std::string head(std::string_view engine, batch_folder const& batch) {
  return concat("# ", engine, ": the jobs of batch ", printable(batch.path()),
                ", printed by `sysb batch script`. Run it again for what is left.\n");
}

std::string slurm(batch_folder const& batch, script_request const& r, plan_facts const& f) {
  auto const tasks = tasks_of(f, r);
  return concat("#!/bin/sh\n", head("Slurm", batch), "# sbatch this file. Each task does every ", tasks,
                "th row of the plan; a task is put back into the queue only\n", "# where another try may help.\n",
                "#SBATCH --job-name=sysb\n#SBATCH --array=0-", tasks - 1, '%', std::max<std::uint64_t>(1, r.jobs),
                "\n#SBATCH --cpus-per-task=", r.threads, "\n#SBATCH --mem=", mebibytes_of(f),
                "M\n#SBATCH --time=", minutes_of(f, tasks), "\n#SBATCH --requeue\n#SBATCH --open-mode=append\n",
                "#SBATCH --signal=TERM@60\n", "batch=", shell_word(batch.path()), "\nsysb=", shell_word(r.program), R"(
tries=3
trap 'kill -TERM "$child" 2>/dev/null' TERM INT
"$sysb" batch run-one -d "$batch" --shard "$SLURM_ARRAY_TASK_ID/)",
                tasks, R"(" --engine slurm --threads )", r.threads, R"( --quiet &
child=$!
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
case $code in
0 | 3 | 4 | 5 | 6) exit 0 ;; # done, or final for these images: `sysb batch status` tells
2) exit 2 ;;                 # the batch's definition is wrong
esac
if [ "${SLURM_RESTART_COUNT:-0}" -lt "$tries" ]; then
  # requeue ends this task; where it is refused, the exit code tells.
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$code"
)");
}

std::string parallel(batch_folder const& batch, script_request const& r, plan_facts const& f) {
  return concat("#!/bin/sh\n", head("GNU parallel", batch), "batch=", shell_word(batch.path()),
                "\nsysb=", shell_word(r.program), "\nexport batch sysb\n", "seq 0 ", f.rows == 0 ? 0 : f.rows - 1,
                " | parallel --jobs ", r.jobs, " --line-buffer --tag --halt soon,fail=100% \\\n",
                "  '\"$sysb\" batch run-one -d \"$batch\" --index {} --engine parallel --threads ", r.threads,
                " --quiet'\n", "\"$sysb\" batch status -d \"$batch\"\n");
}

// In a recipe a dollar is doubled for make, and the shell has its own quotes.
std::string make_word(std::string_view text) {
  std::string out;
  for (auto const c : shell_word(text)) {
    if (c == '$') { out.push_back('$'); }
    out.push_back(c);
  }
  return out;
}

std::string make(batch_folder const& batch, script_request const& r, plan_facts const& f) {
  if (batch.path().find('\n') != std::string::npos || r.program.find('\n') != std::string::npos) {
    throw fatal_error{fatal_error::kind::usage, "make: a name with a line feed cannot stand in a makefile"};
  }
  std::string jobs;
  for (std::uint64_t i = 0; i < f.rows; ++i) { jobs += concat(i % 16 == 0 ? " \\\n " : "", " job-", i); }
  // A static pattern rule: implicit ones are not looked for where a target is phony.
  return concat(head("make", batch), "# make -k -j ", r.jobs, " -f THIS-FILE\n", "jobs =", jobs, "\n\n",
                ".PHONY: all $(jobs)\nall: $(jobs)\n\n$(jobs): job-%:\n\t@", make_word(r.program), " batch run-one -d ",
                make_word(batch.path()), " --index $* --engine make --threads ", r.threads, " --quiet\n");
}

std::string json_text(std::string_view text) {
  std::string out;
  json_writer w{out};
  w.value(text);
  return out;
}

std::string kubernetes(batch_folder const& batch, script_request const& r, plan_facts const& f) {
  auto const tasks = tasks_of(f, r);
  if (!is_utf8(batch.path())) { throw fatal_error{fatal_error::kind::usage, "k8s: the batch's name must be UTF-8"}; }
  auto const memory = mebibytes_of(f);
  return concat(
      head("Kubernetes", batch), "# An indexed job: task I does every ", tasks,
      "th row. The batch, the images and the outputs must be mounted at the\n",
      "# same paths as here: name the volume claim below.\n",
      "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: sysb-batch\nspec:\n  completionMode: Indexed\n  "
      "completions: ",
      tasks, "\n  parallelism: ", std::min(tasks, std::max<std::uint64_t>(1, r.jobs)), "\n  backoffLimit: ", tasks * 2,
      "\n  podFailurePolicy:\n    rules:\n      - action: FailJob\n        onExitCodes:\n          containerName: "
      "sysb\n"
      "          operator: In\n          values: [2]\n",
      "  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: sysb\n          image: ",
      json_text(r.image.empty() ? std::string_view{"sysb:latest"} : std::string_view{r.image}),
      "\n          command:\n            - /bin/sh\n            - -c\n            - |\n",
      "              \"$1\" batch run-one -d \"$2\" --shard \"$JOB_COMPLETION_INDEX/", tasks,
      "\" --engine k8s --threads ", r.threads, " --quiet\n", "              code=$?\n",
      "              # Final for these images: the task is done, `sysb batch status` tells how.\n",
      "              case $code in 3 | 4 | 5 | 6) exit 0 ;; esac\n              exit $code\n",
      "            - sh\n            - ", json_text(r.program), "\n            - ", json_text(batch.path()),
      "\n          resources:\n            requests: {cpu: \"", r.threads, "\", memory: \"", memory,
      "Mi\"}\n            limits: {memory: \"", memory,
      "Mi\"}\n          volumeMounts:\n            - {name: data, mountPath: ", json_text(batch.path()),
      "}\n      volumes:\n        - name: data\n          persistentVolumeClaim: {claimName: sysb-data}\n");
}

std::string lsf(batch_folder const& batch, script_request const& r, plan_facts const& f) {
  auto const tasks = tasks_of(f, r);
  return concat("#!/bin/sh\n", head("LSF", batch), "# bsub < THIS-FILE\n#BSUB -J \"sysb[1-", tasks, "]%",
                std::max<std::uint64_t>(1, r.jobs), "\"\n#BSUB -n ", r.threads, "\n#BSUB -M ", mebibytes_of(f),
                "MB\n#BSUB -W ", minutes_of(f, tasks), "\n#BSUB -r\n#BSUB -Q \"1 129 130 143\"\n",
                "batch=", shell_word(batch.path()), "\nsysb=", shell_word(r.program), R"(
"$sysb" batch run-one -d "$batch" --shard "$((LSB_JOBINDEX - 1))/)",
                tasks, R"(" --engine lsf --threads )", r.threads,
                R"( --quiet
code=$?
# Final for these images: the task is done. 1, 129, 130 and 143 are put back into the queue by -Q.
case $code in 3 | 4 | 5 | 6) exit 0 ;; esac
exit $code
)");
}

std::string ansible(batch_folder const& batch, script_request const& r, plan_facts const& f) {
  // Jinja reads braces in every string; a raw block keeps them as they are.
  auto const raw = [](std::string_view text) { return concat("{% raw %}", text, "{% endraw %}"); };
  for (auto const name : {std::string_view{batch.path()}, std::string_view{r.program}}) {
    if (!is_utf8(name) || name.find("endraw") != std::string_view::npos) {
      throw fatal_error{fatal_error::kind::usage, "ansible: names must be UTF-8, and without the word endraw"};
    }
  }
  return concat(
      "---\n", head("Ansible", batch),
      "# Hosts of the group share the rows among them; the folders must be mounted on each at the same paths.\n",
      "- name: Convert AIX system backup images\n  hosts: sysb\n  gather_facts: false\n  strategy: free\n  tasks:\n",
      "    - name: Do this host's share of the ", f.rows,
      " jobs\n      ansible.builtin.command:\n        argv:\n          - ", json_text(raw(r.program)),
      "\n          - batch\n          - run-one\n          - -d\n          - ", json_text(raw(batch.path())),
      "\n          - --shard\n",
      "          - \"{{ ansible_play_hosts_all.index(inventory_hostname) }}/{{ ansible_play_hosts_all | length }}\"\n",
      "          - --engine\n          - ansible\n          - --threads\n          - \"", r.threads,
      "\"\n          - --quiet\n      register: sysb_share\n      changed_when: true\n      retries: 2\n      delay: "
      "30\n",
      "      until: sysb_share.rc in [0, 2, 3, 4, 5, 6]\n      failed_when: sysb_share.rc not in [0, 3, 4, 5, 6]\n");
}

}  // namespace

std::span<std::string_view const> engines() noexcept { return known; }

std::string script_for(batch_folder const& batch, std::string_view engine, script_request const& r) {
  auto const f = facts_of(batch);
  if (engine == "slurm") { return slurm(batch, r, f); }
  if (engine == "parallel") { return parallel(batch, r, f); }
  if (engine == "make") { return make(batch, r, f); }
  if (engine == "k8s") { return kubernetes(batch, r, f); }
  if (engine == "lsf") { return lsf(batch, r, f); }
  if (engine == "ansible") { return ansible(batch, r, f); }
  throw fatal_error{fatal_error::kind::usage, concat("no such engine: ", quoted(engine))};
}

}  // namespace sysb::batch
