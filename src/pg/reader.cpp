#include "pg/reader.hpp"

namespace recon::pg {

namespace {

struct Setting {
    const char* name;
    const char* value;
};

constexpr Setting settings[] = {{"search_path", reader_search_path},
                                {"row_security", "on"},
                                {"DateStyle", "ISO, MDY"},
                                {"IntervalStyle", "postgres"},
                                {"TimeZone", "UTC"},
                                {"extra_float_digits", "1"},
                                {"bytea_output", "hex"},
                                {"xmlbinary", "base64"},
                                {"quote_all_identifiers", "off"},
                                {"lc_numeric", "C"},
                                {"lc_time", "C"}};

void add_context(void* context) {
    errcontext("%s", static_cast<const char*>(context));
}

}  // namespace

ReaderScope::ReaderScope(const ReadAs& as) {
    callback_ = {error_context_stack, add_context, const_cast<char*>(as.context.c_str())};
    GetUserIdAndSecContext(&user_, &security_context_);
    SetUserIdAndSecContext(
        as.role, security_context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
    try {
        nest_level_ = call([] {
            int level = NewGUCNestLevel();
            for (const Setting& setting : settings)
                (void)set_config_option(setting.name, setting.value, PGC_USERSET, PGC_S_SESSION,
                                        GUC_ACTION_SAVE, true, 0, false);
            return level;
        });
    } catch (...) {
        SetUserIdAndSecContext(user_, security_context_);
        throw;
    }
    // As the server itself does: from 16 on, transaction_read_only cannot be set for a while.
    // Nobody can set it back, as the transaction has a snapshot.
    XactReadOnly = true;
    error_context_stack = &callback_;
}

// As after the functions of an index: whatever was set within is taken back, not only our own.
ReaderScope::~ReaderScope() {
    error_context_stack = callback_.previous;
    XactReadOnly = read_only_;
    if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(false, nest_level_);
    SetUserIdAndSecContext(user_, security_context_);
}

bool role_exists(Oid role) {
    return call([&] { return GetUserNameFromId(role, true) != nullptr; });
}

}  // namespace recon::pg
