#include "tools/cli/submit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "blis/error.hpp"
#include "blis/version.hpp"
#include "tools/output/shell_word.h"

namespace blis {
namespace {

// `blis compare` of the submitted sweep, as a shell has it.
std::string comparison(const Submission& s, std::string_view program, std::string_view more) {
  std::string line = fmt::format("{} compare sweep.yaml", program);
  for (const std::string& flag : s.flags) line += " " + shell_word(flag);
  return line + fmt::format(" {} -o . -q", more);
}

std::string script(const Submission& s, std::string_view says, std::string_view lines) {
  return fmt::format("#!/bin/sh\n# Written by blis {}: {}\ncd {} || exit\n{}", version(), says,
                     shell_word(s.folder), lines);
}

std::string shard_line(const Submission& s, std::string_view shard) {
  return comparison(s, shell_word(s.program), fmt::format("--shard {} -j 1", shard));
}
std::string merge_line(const Submission& s) {
  return comparison(s, shell_word(s.program), "--merge .");
}

// A text as Python reads it back.
std::string python_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "'";
}

std::vector<SubmittedFile> slurm_files(const Submission& s) {
  const std::string array = fmt::format(
      "array=$(sbatch --parsable --array=0-{} --requeue --ntasks=1 --cpus-per-task=1 \\\n"
      "  --job-name=blis --output=slurm-%A_%a.log \"$@\" shard.sh) || exit\n"
      "sbatch --dependency=afterany:\"$array\" --ntasks=1 --job-name=blis-merge --output=merge.log \"$@\" "
      "merge.sh\n",
      s.shards - 1);
  return {{"submit.sh", script(s, "submits the shards, and what merges them; arguments go to sbatch", array)},
          {"shard.sh", script(s, "one task of the array",
                              fmt::format("exec {}\n", shard_line(s, fmt::format("auto/{}", s.shards))))},
          {"merge.sh", script(s, "what follows the array; says what is missing",
                              fmt::format("exec {} --resume >compare.txt\n", merge_line(s)))}};
}

std::string run_submit(const Submission&) {
  return "sh submit.sh";
}

std::vector<SubmittedFile> mpi_files(const Submission& s) {
  // Ranks say how many they are, so any number of them will do.
  return {{"submit.sh",
           script(s, "arguments go to mpirun, as in -n 4 or --hostfile FILE; after an abort run it again",
                  fmt::format("mpirun \"$@\" {} || exit\n{} --resume >compare.txt\n", shard_line(s, "auto"),
                              merge_line(s)))}};
}

std::string run_mpi(const Submission& s) {
  return fmt::format("sh submit.sh -n {}", s.shards);
}

std::vector<SubmittedFile> kubernetes_files(const Submission& s) {
  std::string arguments;
  for (const std::string& flag : s.flags) arguments += fmt::format(", {}", shell_word(flag));
  return {
      {"job.yaml",
       fmt::format(R"(# Written by blis {0}: an Indexed Job, a shard each; then, where the volume is mounted:
#   {2}
# The claim `blis`, which many pods may write to, holds this folder.
apiVersion: batch/v1
kind: Job
metadata:
  generateName: blis-
spec:
  completionMode: Indexed
  completions: {1}
  parallelism: {1}
  backoffLimit: {3}
  template:
    spec:
      restartPolicy: OnFailure
      containers:
        - name: blis
          image: blis:{0}
          workingDir: /data
          command: [blis, compare, sweep.yaml{4}, --shard, auto/{1}, -o, ., -q, -j, '1']
          resources:
            requests: {{ cpu: '1' }}
          volumeMounts:
            - {{ name: data, mountPath: /data }}
      volumes:
        - name: data
          persistentVolumeClaim: {{ claimName: blis }}
)",
                   version(), s.shards, comparison(s, "blis", "--merge ."), 3 * s.shards, arguments)}};
}

std::string run_kubernetes(const Submission&) {
  return "kubectl create -f job.yaml";
}

std::vector<SubmittedFile> dask_files(const Submission& s) {
  std::string arguments, data;
  for (std::size_t i = 0; i + 1 < s.flags.size(); ++i) {
    if (s.flags[i] == "--find") arguments += fmt::format(", find=\"{}\"", s.flags[i + 1]);
    if (s.flags[i] != "--data-dir") continue;
    if (!data.empty()) data += ":";
    data += (std::filesystem::path(s.folder) / s.flags[i + 1]).lexically_normal().string();
  }
  if (!data.empty()) arguments += ",\n                                    data=" + python_text(data);
  return {{"submit.py", fmt::format(R"("""Written by blis {}: the comparison on Dask.

    python3 submit.py SCHEDULER:PORT
"""

import os
import sys

import blisim
from distributed import Client

if __name__ == "__main__":
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    with Client(*sys.argv[1:]) as client:
        comparison = blisim.compare(os.path.abspath("sweep.yaml"), executor=client, shards={}, folder="."{})
    comparison.save(".", force=True)
    print(comparison)
)",
                                    version(), s.shards, arguments)}};
}

std::string run_dask(const Submission&) {
  return "python3 submit.py";
}

constexpr std::array kSystems{
    ClusterSystem{"slurm", false, slurm_files, run_submit},
    ClusterSystem{"kubernetes", true, kubernetes_files, run_kubernetes},
    ClusterSystem{"mpi", false, mpi_files, run_mpi},
    ClusterSystem{"dask", false, dask_files, run_dask},
};

}  // namespace

std::span<const ClusterSystem> cluster_systems() {
  return kSystems;
}

const ClusterSystem& find_cluster_system(std::string_view name, const std::string& shown) {
  const auto found = std::ranges::find(kSystems, name, &ClusterSystem::name);
  if (found != kSystems.end()) return *found;
  throw InputError(ErrorKind::usage, {.place = {shown},
                                      .message = "there is no such system of many machines here",
                                      .expected = "slurm, kubernetes, mpi or dask"});
}

}  // namespace blis
