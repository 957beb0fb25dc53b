# Completion of rtiler in bash: source <(rtiler completions bash)
_rtiler() {
    local line="${COMP_LINE:0:COMP_POINT}" current files candidate
    # The word at the cursor; bash itself also breaks words at `=` and `:`.
    current="${line##*[[:space:]]}"
    local kept="${current%"${current##*[=:]}"}"
    [[ -n $kept && $COMP_WORDBREAKS != *"${kept: -1}"* ]] && kept=""
    COMPREPLY=()
    {
        IFS= read -r files
        while IFS=$'\t' read -r candidate _; do
            COMPREPLY+=("${candidate#"$kept"}")
        done
    } < <("${COMP_WORDS[0]}" complete --line "$line" 2>/dev/null)
    if [[ $files == files ]]; then
        local value="${current##*=}"
        compopt -o filenames 2>/dev/null
        while IFS= read -r candidate; do
            COMPREPLY+=("$candidate")
        done < <(compgen -f -- "$value")
    elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _rtiler rtiler
