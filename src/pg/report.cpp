#include "pg/report.hpp"

namespace recon::pg {

void notice(const std::string& message, const std::string& hint) {
    call([&] {
        ereport(NOTICE, (errmsg_internal("%s", message.c_str()), errhint("%s", hint.c_str())));
    });
}

void warning(const std::string& message, const std::string& detail, const std::string& hint) {
    call([&] {
        ereport(WARNING, (errmsg_internal("%s", message.c_str()),
                          errdetail_internal("%s", detail.c_str()), errhint("%s", hint.c_str())));
    });
}

}  // namespace recon::pg
