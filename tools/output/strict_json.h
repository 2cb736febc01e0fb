// JSON that nobody vouches for, as nlohmann's values: what is broken is refused with its place.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "blis/error.hpp"

namespace blis {

// `Json` is nlohmann::json or nlohmann::ordered_json, `keep` its callback, `start` where the text begins: a
// file, or a line of it. Throws InputError of `kind` for what is no JSON, a number beyond a double's range,
// and more levels than kMaxDepth.
template <class Json>
Json parse_strict_json(const std::string& text, const Place& start, ErrorKind kind = ErrorKind::io,
                       const typename Json::parser_callback_t& keep = nullptr);

extern template nlohmann::json parse_strict_json(const std::string&, const Place&, ErrorKind,
                                                 const nlohmann::json::parser_callback_t&);
extern template nlohmann::ordered_json parse_strict_json(const std::string&, const Place&, ErrorKind,
                                                         const nlohmann::ordered_json::parser_callback_t&);

}  // namespace blis
