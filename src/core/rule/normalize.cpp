#include "core/rule/normalize.hpp"

#include "core/field/text.hpp"

namespace recon::rule {

void normalize(const std::vector<Step>& steps, std::string& text) {
    for (const Step& step : steps) {
        switch (step.kind) {
            case StepKind::trim:
                field::trim(text);
                break;
            case StepKind::upper:
                field::upper(text);
                break;
            case StepKind::lower:
                field::lower(text);
                break;
            case StepKind::alnum:
                field::alnum(text);
                break;
            case StepKind::digits:
                field::digits(text);
                break;
            case StepKind::unaccent:
                field::unaccent(text);
                break;
            case StepKind::squash:
                field::squash(text);
                break;
            case StepKind::left:
                field::left(text, static_cast<std::size_t>(step.left));
                break;
            case StepKind::strip_prefixes:
                field::strip_prefixes(text, step.prefixes);
                break;
        }
    }
}

}  // namespace recon::rule
