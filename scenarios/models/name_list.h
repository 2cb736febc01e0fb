// Names of a checkpoint's modules as configs list them: "lm_head", "model.layers.3.self_attn*",
// "re:.*mlp\.(gate|up)_proj.*".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

// How methods of quantization read such a list. In the first two, `re:` marks a regular expression that must
// match from the start. Sources: is_layer_skipped of
// vllm/model_executor/layers/quantization/utils/quant_utils.py, modelopt.py and inc/config_parser.py of its
// folder.
enum class NameMatch : std::uint8_t {
  around,       // the module, one around it, or one of its parts; `*` is anything
  whole,        // the module's whole name
  any_expert,   // the same; experts are one module, which every matrix of them names (fp8)
  substring,    // what is in the name; experts are one module (AWQ, GPTQ's modules_in_block_to_quantize)
  wildcard,     // the same, or with `*` for anything the whole name (ModelOpt)
  beginning,    // what the name begins with (AutoRound's blocks)
  ending,       // the name, what follows one of its dots, or a regular expression found in it (AutoRound)
  expert_free,  // regular expressions, of which experts are one module (GPTQ's dynamic)
};

class NameList {
 public:
  NameList() = default;
  explicit NameList(const std::vector<std::string>& entries, NameMatch match);

  void add(const std::string& entry);

  // Whether an entry covers the module.
  bool covers(std::string_view module);

  // Entries that covered nothing so far, and those that are no patterns at all.
  std::vector<std::string> unused() const;

 private:
  struct Glob {
    std::string text;
    bool used = false;
  };
  struct Pattern {
    std::string entry;
    std::regex regex;
    bool from_start = true;
    bool used = false;
  };
  bool take(std::string_view name);
  bool take_around(std::string_view module);
  bool take_ending(std::string_view module);
  bool take_beginning_with(std::string_view beginning);
  // Those of the plain entries for which `is` holds.
  template <class Is>
  bool take_all(Is is);

  NameMatch match_ = NameMatch::around;
  std::map<std::string, bool, std::less<>> plain_;  // and whether it was used
  std::vector<Glob> globs_;
  std::vector<Pattern> patterns_;
  std::vector<std::string> broken_;
};

// Whether `text` is `glob`, in which `*` stands for anything, also nothing.
bool is_glob_of(std::string_view glob, std::string_view text);

}  // namespace blis
