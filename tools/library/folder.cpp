#include "blis/folder.hpp"

#include "tools/report/html_report.h"
#include "tools/report/result_folder.h"
#include "tools/study/compare/comparison_folder.h"

namespace blis {

void save(const Report& report, const std::string& folder, bool force) {
  const FolderLock lock = prepare_result_folder(folder, force);
  write_result_folder(folder, report.run(), /*detailed=*/false, RunFacts{});
}

void save(const Comparison& comparison, const std::string& folder, bool force) {
  make_folder(folder);
  const FolderLock lock(folder);
  require_no_other_result(folder, force);
  write_comparison_folder(folder, comparison.report());
}

std::string report_page(const std::string& folder) {
  return html_report(report_document(folder));
}

}  // namespace blis
