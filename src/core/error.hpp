// What the core throws. An Error carries what a PostgreSQL error report needs (SQLSTATE, DETAIL,
// HINT) without knowing the server; the entry guard in pg/ turns it into one.
#pragma once

#include <cstring>
#include <exception>
#include <string>
#include <utility>

namespace recon {

// Five-character SQLSTATE codes the core uses, named as in PostgreSQL's errcodes.txt.
namespace sqlstate {
inline constexpr char feature_not_supported[] = "0A000";
inline constexpr char string_data_right_truncation[] = "22001";
inline constexpr char numeric_value_out_of_range[] = "22003";
inline constexpr char invalid_datetime_format[] = "22007";
inline constexpr char datetime_field_overflow[] = "22008";
inline constexpr char character_not_in_repertoire[] = "22021";
inline constexpr char invalid_parameter_value[] = "22023";
inline constexpr char invalid_text_representation[] = "22P02";
inline constexpr char bad_copy_file_format[] = "22P04";
inline constexpr char not_null_violation[] = "23502";
inline constexpr char ambiguous_column[] = "42702";
inline constexpr char undefined_column[] = "42703";
inline constexpr char out_of_memory[] = "53200";
inline constexpr char configuration_limit_exceeded[] = "53400";
inline constexpr char program_limit_exceeded[] = "54000";
inline constexpr char internal_error[] = "XX000";
}  // namespace sqlstate

class Error : public std::exception {
  public:
    Error(const char* code, std::string message, std::string detail = {}, std::string hint = {})
        : message_(std::move(message)), detail_(std::move(detail)), hint_(std::move(hint)) {
        std::memcpy(code_, code, 5);
    }

    const char* what() const noexcept override { return message_.c_str(); }
    const char* code() const noexcept { return code_; }
    const std::string& message() const noexcept { return message_; }
    const std::string& detail() const noexcept { return detail_; }
    const std::string& hint() const noexcept { return hint_; }

  private:
    char code_[6] = {};
    std::string message_, detail_, hint_;
};

// Thrown when StopToken::should_stop() said yes.
class Stopped : public std::exception {
  public:
    const char* what() const noexcept override { return "stopped on request"; }
};

}  // namespace recon
