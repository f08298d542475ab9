/* Pages work without this, but for security keys; it makes govuk-frontend's components comfortable. */
import { initAll } from '/assets/govuk-frontend.min.js'

initAll()

/* Security keys (Web Authentication): what the page holds becomes the browser's question, and its answer the form's
 * hidden fields, base64url both ways. */
function bytesOf(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, character => character.charCodeAt(0))
}

function textOf(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function credentialsOf(form) {
  return form.dataset.credentials.split(' ').filter(id => id !== '').map(id => ({ type: 'public-key', id: bytesOf(id) }))
}

async function useKey(form) {
  const { response, rawId } = await navigator.credentials.get({
    publicKey: {
      challenge: bytesOf(form.dataset.challenge),
      rpId: form.dataset.rpId,
      allowCredentials: credentialsOf(form),
      userVerification: 'required'
    }
  })
  form.elements.credential.value = textOf(rawId)
  form.elements.client_data.value = textOf(response.clientDataJSON)
  form.elements.authenticator_data.value = textOf(response.authenticatorData)
  form.elements.signature.value = textOf(response.signature)
  form.elements.user_handle.value = response.userHandle === null ? '' : textOf(response.userHandle)
}

async function makeKey(form) {
  const { response } = await navigator.credentials.create({
    publicKey: {
      challenge: bytesOf(form.dataset.challenge),
      rp: { id: form.dataset.rpId, name: 'ContactPoint' },
      user: { id: bytesOf(form.dataset.handle), name: form.dataset.userName, displayName: form.dataset.userName },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }],
      excludeCredentials: credentialsOf(form),
      authenticatorSelection: {
        authenticatorAttachment: 'cross-platform',
        residentKey: 'discouraged',
        userVerification: 'required'
      },
      attestation: form.dataset.attestation
    }
  })
  form.elements.client_data.value = textOf(response.clientDataJSON)
  form.elements.attestation.value = textOf(response.attestationObject)
}

/* Where a role has to be chosen, one is, before the key is asked for: what a key says serves once. */
function lacksRole(form) {
  const roles = [...form.querySelectorAll('input[type=radio]')]
  return roles.length > 0 && !roles.some(role => role.checked)
}

for (const form of document.querySelectorAll('form.app-key')) {
  const problem = document.querySelector('.app-key-problem')
  const roleProblem = document.querySelector('.app-role-problem')
  form.addEventListener('submit', async event => {
    if (form.elements.client_data.value !== '')
      return
    event.preventDefault()
    problem.hidden = true
    if (roleProblem !== null)
      roleProblem.hidden = !lacksRole(form)
    if (lacksRole(form))
      return
    try {
      await (form.dataset.handle === undefined ? useKey(form) : makeKey(form))
    } catch {
      problem.hidden = false
      return
    }
    form.submit()
  })
}
